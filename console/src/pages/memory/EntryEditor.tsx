import { useState, type FormEvent } from 'react';
import { ApiError } from '../../api/client';
import { readShared, useSetShared } from '../../api/shared';
import type { MemoryEntry } from '../../api/types';
import { draftOf, valueOf, type EntryDraft } from '../../text/entry';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Diff } from '../../ui/Diff';
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
            <Conflict mine={draft} theirs={theirs} onTake={() => take(theirs)} onOverwrite={() => save(theirs)} />
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

interface ConflictProps {
  mine: EntryDraft;
  theirs: MemoryEntry;
  onTake: () => void;
  onOverwrite: () => void;
}

function Conflict({ mine, theirs, onTake, onOverwrite }: ConflictProps) {
  return (
    <div className="stack" role="alert">
      <p className="note busy">Somebody else has set this key meanwhile; it is at revision {theirs.revision} now.</p>
      <Diff before={draftOf(theirs.key, theirs.value).text} after={mine.text} label="From theirs to yours" />
      <div className="card-actions">
        <Button small onClick={onTake}>
          Take theirs
        </Button>
        <Button small look="danger" onClick={onOverwrite}>
          Save mine over it
        </Button>
      </div>
    </div>
  );
}
