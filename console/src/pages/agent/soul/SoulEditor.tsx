import { useMemo, useState, type FormEvent } from 'react';
import { ApiError } from '../../../api/client';
import type { Agent, Soul } from '../../../api/types';
import { LONGEST_SOUL, useSaveSoul } from '../../../api/soul';
import { countScalars } from '../../../live/delta';
import { count } from '../../../text/format';
import { Button } from '../../../ui/Button';
import { Diff } from '../../../ui/Diff';
import { TextArea } from '../../../ui/Field';
import { ErrorNote } from '../../../ui/Note';
import { useSay } from '../../../ui/Toasts';
import { useDraft } from '../../../ui/useDraft';
import { TemplateDialog } from '../../templates/TemplateDialog';

interface EditorProps {
  agent: Agent;
  soul: Soul;
  readOnly: boolean;
}

export function SoulEditor({ agent, soul, readOnly }: EditorProps) {
  const stored = useMemo(() => ({ text: soul.soul_content ?? '' }), [soul.soul_content]);
  const { base, draft, isDirty, hasMoved, set, begin, saved } = useDraft(stored, `muster-soul-${agent.id}`);
  const [isPicking, setPicking] = useState(false);
  const save = useSaveSoul(agent.id);
  const say = useSay();

  const length = countScalars(draft.text);
  const isTooLong = length > LONGEST_SOUL;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (save.isPending || isTooLong || !isDirty) return;
    const { text } = draft;
    save.mutate(text, {
      onSuccess: () => {
        saved({ text });
        say('Saved as a new version');
      },
    });
  };

  return (
    <>
      <form className="soul" onSubmit={submit}>
        <TextArea
          label={`Soul of ${agent.name}`}
          className="input soul-text"
          rows={16}
          readOnly={readOnly}
          value={draft.text}
          placeholder="You are…"
          error={isTooLong ? tooLong(length) : refusalOf(save.error)}
          hint={<Length length={length} />}
          onChange={(event) => set({ text: event.target.value })}
        />
        {hasMoved && <MovedNote onTakeOver={() => begin(stored)} />}
        {save.isError && <ErrorNote error={save.error} />}
        {isDirty && (
          <details className="form-more">
            <summary>What you changed</summary>
            <Diff before={base.text} after={draft.text} label="Your changes" />
          </details>
        )}
        {!readOnly && (
          <footer className={`form-foot ${isDirty ? 'sticky' : ''}`}>
            <Button onClick={() => setPicking(true)}>Use a template</Button>
            <span className="muted">{isDirty && 'Not saved yet'}</span>
            <Button disabled={!isDirty} onClick={() => begin(stored)}>
              Discard
            </Button>
            <Button type="submit" look="primary" busy={save.isPending} disabled={!isDirty || isTooLong}>
              Save
            </Button>
          </footer>
        )}
      </form>
      {isPicking && (
        <TemplateDialog
          action="Use this text"
          note={noteOn(draft.text)}
          onPick={(template) => {
            set({ text: template.soul_content });
            setPicking(false);
          }}
          onClose={() => setPicking(false)}
        />
      )}
    </>
  );
}

function noteOn(text: string): string {
  const fate = text.trim() ? 'The soul takes the place of the text in the editor' : 'The soul goes into the editor';
  return `${fate}; the rest of a template is for new agents.`;
}

function Length({ length }: { length: number }) {
  return (
    <span className="soul-length">
      {count(length)} of {count(LONGEST_SOUL)} characters
    </span>
  );
}

function tooLong(length: number): string {
  return `${count(length - LONGEST_SOUL)} characters too many: ${count(LONGEST_SOUL)} is the most.`;
}

function refusalOf(error: unknown): string | undefined {
  return error instanceof ApiError ? error.fields['soul_content'] : undefined;
}

function MovedNote({ onTakeOver }: { onTakeOver: () => void }) {
  return (
    <div className="note busy" role="status">
      <p>Somebody else has saved another text since you began. Saving yours replaces it; the history keeps both.</p>
      <Button small onClick={onTakeOver}>
        Show theirs
      </Button>
    </div>
  );
}
