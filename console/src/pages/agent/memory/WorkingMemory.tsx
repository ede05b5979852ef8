import { useMemo, type FormEvent } from 'react';
import { ApiError } from '../../../api/client';
import { Moved, useSaveWorkingMemory } from '../../../api/memory';
import { Button } from '../../../ui/Button';
import { Conflict } from '../../../ui/Conflict';
import { TextArea } from '../../../ui/Field';
import { ErrorNote } from '../../../ui/Note';
import { Card } from '../../../ui/Page';
import { useSay } from '../../../ui/Toasts';
import { useDraft } from '../../../ui/useDraft';

interface WorkingProps {
  agentId: string;
  stored: string;
  readOnly: boolean;
}

/** The notes that the agent keeps for itself. */
export function WorkingMemory({ agentId, stored, readOnly }: WorkingProps) {
  const kept = useMemo(() => ({ text: stored }), [stored]);
  const { base, draft, isDirty, hasMoved, set, begin, saved } = useDraft(kept, `muster-memory-${agentId}`);
  const save = useSaveWorkingMemory(agentId);
  const say = useSay();

  const store = (over: string) => {
    if (save.isPending || !isDirty) return;
    const { text } = draft;
    save.mutate(
      { base: over, text },
      {
        onSuccess: () => {
          saved({ text });
          say('Saved');
        },
      },
    );
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!hasMoved) store(base.text);
  };

  return (
    <Card title="Notes">
      <form className="stack" onSubmit={submit}>
        <TextArea
          label="Working memory"
          className="input mono"
          rows={8}
          readOnly={readOnly}
          placeholder={readOnly ? 'Nothing yet' : 'What the agent should keep in mind'}
          value={draft.text}
          error={save.error instanceof ApiError ? save.error.fields['working_memory'] : undefined}
          onChange={(event) => set({ text: event.target.value })}
        />
        {hasMoved && (
          <Conflict
            theirs={stored}
            mine={draft.text}
            busy={save.isPending}
            onTake={() => begin(kept)}
            onOverwrite={() => store(stored)}
          >
            Somebody else has changed the notes since you began.
          </Conflict>
        )}
        {save.isError && !(save.error instanceof Moved) && <ErrorNote error={save.error} />}
        {!readOnly && (
          <footer className="form-foot">
            <span className="muted">{isDirty && 'Not saved yet'}</span>
            <Button disabled={!isDirty} onClick={() => begin(kept)}>
              Discard
            </Button>
            <Button type="submit" look="primary" busy={save.isPending} disabled={!isDirty || hasMoved}>
              Save notes
            </Button>
          </footer>
        )}
      </form>
    </Card>
  );
}
