import { useMemo, type FormEvent } from 'react';
import { ApiError } from '../../../api/client';
import { useSaveWorkingMemory } from '../../../api/memory';
import { Button } from '../../../ui/Button';
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
  const { draft, isDirty, hasMoved, set, begin, saved } = useDraft(kept, `muster-memory-${agentId}`);
  const save = useSaveWorkingMemory(agentId);
  const say = useSay();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (save.isPending || !isDirty) return;
    const { text } = draft;
    save.mutate(text, {
      onSuccess: () => {
        saved({ text });
        say('Saved');
      },
    });
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
          <div className="note busy" role="status">
            <p>The notes were changed since you began. Saving replaces them.</p>
            <Button small onClick={() => begin(kept)}>
              Show theirs
            </Button>
          </div>
        )}
        {save.isError && <ErrorNote error={save.error} />}
        {!readOnly && (
          <footer className="form-foot">
            <span className="muted">{isDirty && 'Not saved yet'}</span>
            <Button disabled={!isDirty} onClick={() => begin(kept)}>
              Discard
            </Button>
            <Button type="submit" look="primary" busy={save.isPending} disabled={!isDirty}>
              Save notes
            </Button>
          </footer>
        )}
      </form>
    </Card>
  );
}
