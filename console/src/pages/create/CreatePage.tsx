import { useEffect, useRef, useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { useCreateAgent } from '../../api/agents';
import { ApiError } from '../../api/client';
import { Button, ButtonLink } from '../../ui/Button';
import { ErrorNote } from '../../ui/Note';
import { Page } from '../../ui/Page';
import { useSay } from '../../ui/Toasts';
import { AdvancedPart, BasicsPart, hintOfModel, ModelPart } from '../agent/form/parts';
import { EMPTY_DRAFT, type Draft } from '../agent/form/draft';
import { errorFor } from '../agent/form/errors';
import { creation } from '../agent/form/wire';

export function CreatePage() {
  const [draft, setDraft] = useState<Draft>(EMPTY_DRAFT);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const create = useCreateAgent();
  const navigate = useNavigate();
  const say = useSay();
  const form = useRef<HTMLFormElement>(null);

  const refused = create.error instanceof ApiError ? create.error.fields : {};
  const errors = { ...refused, ...problems };
  useEffect(() => {
    if (create.isError) form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [create.isError, create.error]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const made = creation(draft);
    setProblems(made.problems);
    if (Object.keys(made.problems).length > 0 || create.isPending) return;
    create.mutate(made.body, {
      onSuccess: (agent) => {
        say(`Created ${agent.name}`);
        void navigate(`/agents/${agent.id}`);
      },
    });
  };

  const part = {
    draft,
    set: (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change })),
    error: (field: string) => errorFor(errors, field),
  };
  return (
    <Page title="New agent" narrow>
      <form ref={form} className="form" onSubmit={submit}>
        <BasicsPart {...part} isNew />
        <ModelPart {...part} hint={hintOfModel('hosted')} />
        <details className="form-more" open={hasAdvancedError(errors) || undefined}>
          <summary>Advanced</summary>
          <AdvancedPart {...part} isNew />
        </details>
        {create.isError && <ErrorNote error={create.error} />}
        <footer className="form-foot">
          <ButtonLink to="/agents">Cancel</ButtonLink>
          <Button type="submit" look="primary" busy={create.isPending}>
            Create agent
          </Button>
        </footer>
      </form>
    </Page>
  );
}

const BASIC = ['name', 'description', 'system_prompt', 'system_prompt_type', 'model', 'output_token_balance'];

function hasAdvancedError(errors: Record<string, string>): boolean {
  return Object.keys(errors).some((field) => !BASIC.includes(field.replace('configuration.', '')));
}
