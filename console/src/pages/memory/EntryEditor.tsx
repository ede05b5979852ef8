import { useState, type FormEvent } from 'react';
import { ApiError } from '../../api/client';
import { readShared, useSetShared } from '../../api/shared';
import type { MemoryEntry } from '../../api/types';
import { draftOf, valueOf, type EntryDraft } from '../../text/entry';
import { Button } from '../../ui/Button';
import { Conflict } from '../../ui/Conflict';
import { Dialog } from '../../ui/Dialog';
import { EntryFields } from '../../ui/EntryFields';
import { ErrorNote } from '../../ui/Note';
import { Ago } from '../../ui/Time';
import { useSay } from '../../ui/Toasts';

interface EditorProps {
  /** The value to edit; without it one is added. */
  entry?: MemoryEntry;
  /** What a new key begins with. */
  prefix?: string;
  onClose: () => void;
}

/** Saves only over the revision that was seen: what somebody else wrote meanwhile is shown, not lost. */
export function EntryEditor({ entry, prefix = '', onClose }: EditorProps) {
  const [base, setBase] = useState(entry);
  const [draft, setDraft] = useState<EntryDraft>(() =>
    entry ? draftOf(entry.key, entry.value) : { name: prefix, kind: 'text', text: '' },
  );
  const [problem, setProblem] = useState('');
  const [theirs, setTheirs] = useState<MemoryEntry | null>(null);
  const put = useSetShared();
  const say = useSay();

  const save = (over: MemoryEntry | undefined) => {
    const made = valueOf(draft);
    setProblem('problem' in made ? made.problem : '');
    if ('problem' in made || put.isPending) return;
    const key = entry?.key ?? draft.name.trim();
    put.mutate(
      { key, value: made.value, ifRevision: over?.revision ?? 0 },
      {
        onSuccess: ({ revision }) => {
          say(`Saved ${key} as revision ${revision}`);
          onClose();
        },
        onError: (error) => isMovedOn(error) && void readShared(key).then(setTheirs, () => setTheirs(null)),
      },
    );
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save(base);
  };
  const take = (other: MemoryEntry) => {
    setBase(other);
    setDraft(draftOf(other.key, other.value));
    setTheirs(null);
    put.reset();
  };

  return (
    <Dialog title={entry ? entry.key : 'New value'} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="dialog-body stack">
          {base && (
            <p className="muted">
              Revision {base.revision}, changed <Ago at={base.updatedAt} />
            </p>
          )}
          <EntryFields
            label="Key"
            draft={draft}
            set={(part) => setDraft((before) => ({ ...before, ...part }))}
            errors={{ text: problem || undefined }}
            isNameFixed={entry !== undefined}
          />
          {theirs && put.isError && (
            <Conflict
              theirs={draftOf(theirs.key, theirs.value).text}
              mine={draft.text}
              onTake={() => take(theirs)}
              onOverwrite={() => save(theirs)}
            >
              Somebody else has set this key meanwhile; it is at revision {theirs.revision} now.
            </Conflict>
          )}
          {put.isError && !theirs && <ErrorNote error={put.error} />}
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={put.isPending} disabled={theirs !== null && put.isError}>
            Save
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

function isMovedOn(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409;
}
