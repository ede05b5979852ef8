import { useState } from 'react';
import { useChangeMemory } from '../../../api/memory';
import type { JsonObject, Memory } from '../../../api/types';
import { Button } from '../../../ui/Button';
import { Confirm } from '../../../ui/Confirm';
import { Json } from '../../../ui/Json';
import { Menu } from '../../../ui/Menu';
import { Card } from '../../../ui/Page';
import { useSay } from '../../../ui/Toasts';
import { AllDialog } from './AllDialog';
import { gistOf, without } from '../../../text/entry';
import { EntryDialog } from './EntryDialog';

interface EntriesProps {
  agentId: string;
  memory: Memory;
  readOnly: boolean;
}

type Open = { what: 'add' | 'all' } | { what: 'edit' | 'remove'; name: string } | null;

/** The values that the agent remembers by name. */
export function Entries({ agentId, memory: { memory, truncated }, readOnly: isViewer }: EntriesProps) {
  const readOnly = isViewer || truncated === true;
  const [open, setOpen] = useState<Open>(null);
  const names = Object.keys(memory).sort();
  const close = () => setOpen(null);
  const actions = !readOnly && (
    <span className="card-actions">
      <Button small onClick={() => setOpen({ what: 'all' })}>
        Edit as JSON
      </Button>
      <Button small icon="plus" onClick={() => setOpen({ what: 'add' })}>
        Add entry
      </Button>
    </span>
  );
  return (
    <Card title="Entries" aside={actions}>
      {names.length === 0 && (
        <p className="muted">Nothing yet. The agent adds entries as it works{!readOnly && ', and so can you'}.</p>
      )}
      {truncated && (
        <p className="note busy">
          This is not all: there is more than can be shown at once, so nothing of it can be changed here.
        </p>
      )}
      <ul className="entries">
        {names.map((name) => (
          <li key={name}>
            <Entry name={name} value={memory[name]} />
            {!readOnly && (
              <Menu
                label={`Actions for ${name}`}
                items={[
                  { label: 'Edit', onSelect: () => setOpen({ what: 'edit', name }) },
                  { label: 'Remove', danger: true, onSelect: () => setOpen({ what: 'remove', name }) },
                ]}
              />
            )}
          </li>
        ))}
      </ul>
      {open?.what === 'add' && <EntryDialog agentId={agentId} memory={memory} onClose={close} />}
      {open?.what === 'edit' && <EntryDialog agentId={agentId} memory={memory} name={open.name} onClose={close} />}
      {open?.what === 'all' && <AllDialog agentId={agentId} memory={memory} onClose={close} />}
      {open?.what === 'remove' && <RemoveDialog agentId={agentId} memory={memory} name={open.name} onClose={close} />}
    </Card>
  );
}

/** One line; opens to the whole value, which is drawn only then. */
function Entry({ name, value }: { name: string; value: unknown }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(toggle) => setOpen(toggle.currentTarget.open)}>
      <summary>
        <code>{name}</code>
        <span className="entry-gist">{gistOf(value)}</span>
      </summary>
      {isOpen && <Json label={name} value={value} />}
    </details>
  );
}

interface RemoveProps {
  agentId: string;
  memory: JsonObject;
  name: string;
  onClose: () => void;
}

function RemoveDialog({ agentId, memory, name, onClose }: RemoveProps) {
  // Forgotten is what was seen, not what the agent may have put in its place since.
  const [base] = useState(memory);
  const change = useChangeMemory(agentId);
  const say = useSay();
  const confirm = () =>
    change.mutate(
      { base, wanted: without(base, name) },
      {
        onSuccess: () => {
          say(`Removed ${name}`);
          onClose();
        },
      },
    );
  return (
    <Confirm
      title={`Remove ${name}?`}
      action="Remove"
      busy={change.isPending}
      error={change.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <p>The agent forgets it for good.</p>
    </Confirm>
  );
}
