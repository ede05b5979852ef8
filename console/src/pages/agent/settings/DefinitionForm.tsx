import { useEffect, useRef, useState, type FormEvent } from 'react';
import { useUpdateAgent } from '../../../api/agents';
import { ApiError } from '../../../api/client';
import type { HostedAgent } from '../../../api/types';
import { Button } from '../../../ui/Button';
import { ErrorNote } from '../../../ui/Note';
import { useSay } from '../../../ui/Toasts';
import { draftOf, type Draft } from '../form/draft';
import { errorFor } from '../form/errors';
import { AdvancedPart, BasicsPart, hintOfModel, ModelPart, PromptPart } from '../form/parts';
import { update } from '../form/wire';

interface FormProps {
  agent: HostedAgent;
  /** How it joined, on which it depends what a model means for it. */
  source: string;
  readOnly: boolean;
}

/** Sends only what was changed, so two people who edit different fields do not undo each other's work. */
export function DefinitionForm({ agent, source, readOnly }: FormProps) {
  // The state that the draft was begun from: a change by someone else meanwhile must not look like ours.
  const [base, setBase] = useState(agent);
  const [draft, setDraft] = useState<Draft>(() => draftOf(agent));
  const [problems, setProblems] = useState<Record<string, string>>({});
  const save = useUpdateAgent(agent.id);
  const say = useSay();
  const form = useRef<HTMLFormElement>(null);

  const { body } = update(base, draft);
  const isDirty = Object.keys(body).length > 0 || draft.configuration !== draftOf(base).configuration;
  const begin = (from: HostedAgent) => {
    setBase(from);
    setDraft(draftOf(from));
    setProblems({});
  };

  useEffect(() => {
    if (!isDirty && agent !== base) begin(agent);
  }, [agent, base, isDirty]);
  useEffect(() => {
    if (save.isError) form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [save.isError, save.error]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const made = update(base, draft);
    setProblems(made.problems);
    if (Object.keys(made.problems).length > 0 || save.isPending) return;
    save.mutate(made.body, {
      onSuccess: (stored) => {
        begin(stored);
        say('Saved');
      },
    });
  };

  const errors = { ...(save.error instanceof ApiError ? save.error.fields : {}), ...problems };
  const part = {
    draft,
    set: (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change })),
    error: (field: string) => errorFor(errors, field),
  };
  return (
    <form ref={form} className="form" onSubmit={submit}>
      <fieldset className="bare" disabled={readOnly}>
        <section className="form-part">
          <BasicsPart {...part} />
          <PromptPart {...part} />
        </section>
        <ModelPart {...part} isNew={false} hint={hintOfModel(source)} />
        <AdvancedPart {...part} isNew={false} />
      </fieldset>
      {save.isError && <ErrorNote error={save.error} />}
      {!readOnly && (
        <footer className={`form-foot ${isDirty ? 'sticky' : ''}`}>
          {isDirty && <span className="muted">Not saved yet</span>}
          <Button disabled={!isDirty} onClick={() => begin(agent)}>
            Discard
          </Button>
          <Button type="submit" look="primary" busy={save.isPending} disabled={!isDirty}>
            Save
          </Button>
        </footer>
      )}
    </form>
  );
}
