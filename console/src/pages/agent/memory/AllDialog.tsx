import { useState, type FormEvent } from 'react';
import { ApiError } from '../../../api/client';
import { useChangeMemory } from '../../../api/memory';
import type { JsonObject } from '../../../api/types';
import { parseObject } from '../../../text/merge';
import { Button } from '../../../ui/Button';
import { Dialog } from '../../../ui/Dialog';
import { TextArea } from '../../../ui/Field';
import { ErrorNote } from '../../../ui/Note';
import { useSay } from '../../../ui/Toasts';

interface AllProps {
  agentId: string;
  memory: JsonObject;
  onClose: () => void;
}

/** All entries in one JSON object, which replaces what is stored. */
export function AllDialog({ agentId, memory, onClose }: AllProps) {
  const [text, setText] = useState(() => JSON.stringify(memory, null, 2));
  const [problem, setProblem] = useState('');
  const change = useChangeMemory(agentId);
  const say = useSay();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (change.isPending) return;
    const parsed = parseObject(text);
    setProblem('problem' in parsed ? parsed.problem : '');
    if ('problem' in parsed) return;
    change.mutate(() => parsed.value, {
      onSuccess: () => {
        say('Saved');
        onClose();
      },
    });
  };

  const refused = change.error instanceof ApiError ? change.error.fields['memory'] : undefined;
  return (
    <Dialog title="All entries" onClose={onClose}>
      <form onSubmit={submit}>
        <div className="dialog-body stack">
          <TextArea
            label="Entries as a JSON object"
            rows={18}
            className="input mono"
            spellCheck={false}
            hint="Replaces everything that is stored; entries that are left out are forgotten."
            value={text}
            error={problem || refused}
            onChange={(event) => setText(event.target.value)}
          />
          {change.isError && <ErrorNote error={change.error} />}
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={change.isPending}>
            Save
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
