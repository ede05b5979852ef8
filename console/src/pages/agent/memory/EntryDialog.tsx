import { useState, type FormEvent } from 'react';
import { ApiError } from '../../../api/client';
import { Moved, useChangeMemory } from '../../../api/memory';
import type { JsonObject } from '../../../api/types';
import { Button } from '../../../ui/Button';
import { Conflict } from '../../../ui/Conflict';
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
  // What the agent remembers goes on changing while the dialog is open.
  const [base, setBase] = useState(memory);
  const [draft, setDraft] = useState<EntryDraft>(() =>
    name ? draftOf(name, memory[name]) : { name: '', kind: 'text', text: '' },
  );
  const [problems, setProblems] = useState<Record<string, string>>({});
  const change = useChangeMemory(agentId);
  const say = useSay();
  const set = (part: Partial<EntryDraft>) => setDraft((before) => ({ ...before, ...part }));

  const save = (over: JsonObject) => {
    if (change.isPending) return;
    const key = draft.name.trim();
    const made = valueOf(draft);
    const isTaken = key !== name && key in base;
    setProblems({
      ...(isTaken && { name: 'There is an entry of this name already.' }),
      ...('problem' in made && { text: made.problem }),
    });
    if (isTaken || 'problem' in made) return;
    change.mutate(
      { base: over, wanted: withEntry(over, name, key, made.value) },
      {
        onSuccess: () => {
          say('Saved');
          onClose();
        },
      },
    );
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save(base);
  };
  const take = (theirs: JsonObject) => {
    const key = name || draft.name.trim();
    // There is nothing left to edit of an entry that is gone.
    if (!Object.hasOwn(theirs, key)) return onClose();
    setBase(theirs);
    setDraft(draftOf(key, theirs[key]));
    change.reset();
  };

  const moved = change.error instanceof Moved ? change.error : null;
  const theirs = moved?.theirs.memory ?? {};
  const refused = change.error instanceof ApiError ? change.error.fields['memory'] : undefined;
  return (
    <Dialog title={name ? `Edit ${name}` : 'New entry'} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="dialog-body stack">
          <EntryFields draft={draft} set={set} errors={{ name: problems['name'], text: problems['text'] ?? refused }} />
          {moved && (
            <Conflict
              theirs={textOf(theirs, name || draft.name.trim())}
              mine={draft.text}
              onTake={() => take(theirs)}
              onOverwrite={() => save(theirs)}
            >
              {moved.message}
            </Conflict>
          )}
          {change.isError && !moved && <ErrorNote error={change.error} />}
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={change.isPending} disabled={moved !== null}>
            Save
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

/** The value as the field would hold it; nothing when it is gone. */
function textOf(memory: JsonObject, name: string): string {
  return Object.hasOwn(memory, name) ? draftOf(name, memory[name]).text : '';
}
