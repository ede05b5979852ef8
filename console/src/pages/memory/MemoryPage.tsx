import { useState } from 'react';
import { useAgents } from '../../api/agents';
import type { MemoryEntry } from '../../api/types';
import { AgentFilter, NoSuchAgent } from '../../ui/AgentFilter';
import { Button } from '../../ui/Button';
import { FilterField } from '../../ui/FilterField';
import { ErrorNote, Loading } from '../../ui/Note';
import { Page } from '../../ui/Page';
import { useFilters } from '../../ui/useFilters';
import { AgentMemory } from '../agent/memory/MemoryTab';
import { EntryEditor } from './EntryEditor';
import { ForgetDialog } from './ForgetDialog';
import { SharedMemory } from './SharedMemory';

type Open = { what: 'add' } | { what: 'edit' | 'forget'; entry: MemoryEntry } | null;

/** What all agents share; or, with `?agent=<name>`, what one remembers for itself. */
export function MemoryPage() {
  const filters = useFilters();
  const [open, setOpen] = useState<Open>(null);
  const [agent, prefix] = [filters.get('agent'), filters.get('prefix')];
  const close = () => setOpen(null);
  return (
    <Page
      title="Memory"
      lead={agent ? `What ${agent} remembers for itself.` : 'What all agents of this organization share.'}
      actions={
        !agent && (
          <Button look="primary" icon="plus" onClick={() => setOpen({ what: 'add' })}>
            New value
          </Button>
        )
      }
    >
      <form className="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <AgentFilter
          label="Whose"
          placeholder="Shared by all"
          value={agent}
          onCommit={(name) => filters.set('agent', name)}
        />
        {!agent && (
          <FilterField
            label="Keys that begin with"
            placeholder="deploy/"
            value={prefix}
            onCommit={(text) => filters.set('prefix', text)}
          />
        )}
      </form>
      {agent ? (
        <OneAgent name={agent} onClear={() => filters.set('agent', '')} />
      ) : (
        <SharedMemory
          prefix={prefix}
          onAdd={() => setOpen({ what: 'add' })}
          onEdit={(entry) => setOpen({ what: 'edit', entry })}
          onForget={(entry) => setOpen({ what: 'forget', entry })}
          onClear={() => filters.set('prefix', '')}
        />
      )}
      {open?.what === 'add' && <EntryEditor prefix={prefix} onClose={close} />}
      {open?.what === 'edit' && <EntryEditor entry={open.entry} onClose={close} />}
      {open?.what === 'forget' && <ForgetDialog entry={open.entry} onClose={close} />}
    </Page>
  );
}

/** Agents are named here as people know them. */
function OneAgent({ name, onClear }: { name: string; onClear: () => void }) {
  const found = useAgents({ q: name, limit: 200 });
  const agent = found.data?.data.find((each) => each.name === name || each.id === name);
  if (found.isPending || (found.isPlaceholderData && !agent)) return <Loading rows={6} />;
  if (found.isError) return <ErrorNote error={found.error} onRetry={() => void found.refetch()} />;
  return agent ? <AgentMemory key={agent.id} agent={agent} /> : <NoSuchAgent name={name} onClear={onClear} />;
}
