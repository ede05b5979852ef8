import { useState } from 'react';
import { LARGEST_MEMORY, useClearMemory, useMemory } from '../../../api/memory';
import type { Agent, Memory } from '../../../api/types';
import { useMay } from '../../../api/session';
import { bytes, fromUnix, plural } from '../../../text/format';
import { Button } from '../../../ui/Button';
import { Confirm } from '../../../ui/Confirm';
import { ErrorNote, Loading } from '../../../ui/Note';
import { Card } from '../../../ui/Page';
import { Ago } from '../../../ui/Time';
import { useSay } from '../../../ui/Toasts';
import { useThisAgent } from '../AgentPage';
import { Entries } from './Entries';
import { WorkingMemory } from './WorkingMemory';

/** What the agent remembers: notes in plain text, and values by name. */
export function MemoryTab() {
  return <AgentMemory agent={useThisAgent()} />;
}

export function AgentMemory({ agent }: { agent: Agent }) {
  const memory = useMemory(agent.id);
  const mayChange = useMay('operator');
  if (!memory.data) {
    return (
      <div className="tab-body">
        {memory.isPending && <Loading rows={8} />}
        {memory.isError && <ErrorNote error={memory.error} onRetry={() => void memory.refetch()} />}
      </div>
    );
  }
  return (
    <div className="tab-body settings">
      <div className="stack">
        <WorkingMemory agentId={agent.id} stored={memory.data.working_memory} readOnly={!mayChange} />
        <Entries agentId={agent.id} memory={memory.data} readOnly={!mayChange} />
      </div>
      <div className="settings-side">
        <Size memory={memory.data} />
        {mayChange && <ClearCard agent={agent} memory={memory.data} />}
      </div>
    </div>
  );
}

function Size({ memory }: { memory: Memory }) {
  return (
    <Card title="Size">
      <p>
        {bytes(memory.size)} <span className="muted">of {bytes(LARGEST_MEMORY)}</span>
      </p>
      <meter className="meter" min={0} max={LARGEST_MEMORY} high={LARGEST_MEMORY * 0.8} value={memory.size}>
        {bytes(memory.size)}
      </meter>
      <p className="muted">
        Changed <Ago at={memory.updated_at === null ? null : fromUnix(memory.updated_at)} />
      </p>
    </Card>
  );
}

function ClearCard({ agent, memory }: { agent: Agent; memory: Memory }) {
  const [isAsking, setAsking] = useState(false);
  const clear = useClearMemory(agent.id);
  const say = useSay();
  const entries = Object.keys(memory.memory).length;
  const isEmpty = entries === 0 && memory.working_memory === '';
  const confirm = () =>
    clear.mutate(undefined, {
      onSuccess: () => {
        say(`${agent.name} has forgotten everything`);
        setAsking(false);
      },
    });
  return (
    <Card title="Clear">
      <p className="muted">Forgets the notes and all entries. This cannot be undone.</p>
      <Button look="danger" icon="trash" disabled={isEmpty} onClick={() => setAsking(true)}>
        Clear memory
      </Button>
      {isAsking && (
        <Confirm
          title={`Clear the memory of ${agent.name}?`}
          action="Clear memory"
          busy={clear.isPending}
          error={clear.error}
          onConfirm={confirm}
          onClose={() => setAsking(false)}
        >
          <p>{plural(entries, 'entry', 'entries')} and the notes are deleted for good.</p>
        </Confirm>
      )}
    </Card>
  );
}
