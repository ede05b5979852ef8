import { useState, type FormEvent } from 'react';
import { ApiError } from '../../../api/client';
import { useChangeMemory } from '../../../api/memory';
import type { JsonObject } from '../../../api/types';
import { Button } from '../../../ui/Button';
import { Dialog } from '../../../ui/Dialog';
import { EntryFields } from '../../../ui/EntryFields';
import { ErrorNote } from '../../../ui/Note';
import { useSay } from '../../../ui/Toasts';
import { draftOf, valueOf, withEntry, type EntryDraft } from '../../../text/entry';

interface EntryProps {
  agentId: string;
  memory: JsonObject;
  /** The entry to edit; without it one is added. */
  name?: string;
  onClose: () => void;
}

export function EntryDialog({ agentId, memory, name = '', onClose }: EntryProps) {
  const [draft, setDraft] = useState<EntryDraft>(() =>
    name ? draftOf(name, memory[name]) : { name: '', kind: 'text', text: '' },
  );
  const [problems, setProblems] = useState<Record<string, string>>({});
  const change = useChangeMemory(agentId);
  const say = useSay();
  const set = (part: Partial<EntryDraft>) => setDraft((before) => ({ ...before, ...part }));

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (change.isPending) return;
    const key = draft.name.trim();
    const made = valueOf(draft);
    const isTaken = key !== name && key in memory;
    setProblems({
      ...(isTaken && { name: 'There is an entry of this name already.' }),
      ...('problem' in made && { text: made.problem }),
    });
    if (isTaken || 'problem' in made) return;
    change.mutate((stored) => withEntry(stored, name, key, made.value), {
      onSuccess: () => {
        say('Saved');
        onClose();
      },
    });
  };

  const refused = change.error instanceof ApiError ? change.error.fields['memory'] : undefined;
  return (
    <Dialog title={name ? `Edit ${name}` : 'New entry'} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="dialog-body stack">
          <EntryFields draft={draft} set={set} errors={{ name: problems['name'], text: problems['text'] ?? refused }} />
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
