import { useEffect, useRef, useState, type FormEvent } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useHasGateway } from '../../api/gateway';
import { useTemplates } from '../../api/soul';
import type { Template } from '../../api/types';
import { Button, ButtonLink } from '../../ui/Button';
import { ErrorNote } from '../../ui/Note';
import { Page } from '../../ui/Page';
import { useSay } from '../../ui/Toasts';
import { AdvancedPart, BasicsPart, hintOfModel, ModelPart, PromptPart } from '../agent/form/parts';
import { errorFor } from '../agent/form/errors';
import { TemplateDialog } from '../templates/TemplateDialog';
import { EMPTY_NEW, withoutTemplate, withTemplate, type NewDraft } from './draft';
import { PlacePart, ResourcesPart, RolePart, SoulPart, TemplatePart, ToolsPart } from './parts';
import { planOf } from './plan';
import { refusalsOf, useMakeAgent, type MadeAgent } from './useMakeAgent';

export function CreatePage() {
  const [draft, setDraft] = useState<NewDraft>(EMPTY_NEW);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [isPicking, setPicking] = useState(false);
  const hasGateway = useHasGateway();
  const make = useMakeAgent();
  const leave = useLeave();
  const form = useRef<HTMLFormElement>(null);
  useTemplateOfUrl((template) => setDraft((before) => withTemplate(before, template)));

  const errors = { ...refusalsOf(make.error), ...problems };
  useEffect(() => {
    if (make.isError) form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [make.isError, make.error]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const plan = planOf(draft);
    setProblems(plan.problems);
    if (Object.keys(plan.problems).length > 0 || make.isPending) return;
    make.mutate(plan, { onSuccess: leave });
  };
  const pick = (template: Template) => {
    setDraft((before) => withTemplate(before, template));
    setPicking(false);
  };

  const part = {
    draft,
    set: (change: Partial<NewDraft>) => setDraft((before) => ({ ...before, ...change })),
    error: (field: string) => errorFor(errors, field),
  };
  const { place } = draft;
  return (
    <Page title="New agent" narrow>
      <form ref={form} className="form" onSubmit={submit}>
        <TemplatePart draft={draft} onPick={() => setPicking(true)} onClear={() => setDraft(withoutTemplate)} />
        <section className="form-part">
          <BasicsPart {...part} isNew />
          <RolePart {...part} />
        </section>
        <PlacePart {...part} hasGateway={hasGateway} />
        <section className="form-part">
          <SoulPart {...part} />
          {place === 'here' && <PromptPart {...part} />}
        </section>
        {place !== 'elsewhere' && (
          <>
            <ModelPart {...part} isNew={place === 'here'} hint={hintOfModel(place === 'here' ? 'hosted' : 'gateway')} />
            <ToolsPart {...part} />
          </>
        )}
        {place === 'here' && (
          <details className="form-more" open={hasAdvanced(draft, errors) || undefined}>
            <summary>Advanced</summary>
            <ResourcesPart {...part} />
            <AdvancedPart {...part} isNew />
          </details>
        )}
        {make.isError && <ErrorNote error={make.error} />}
        <footer className="form-foot">
          <ButtonLink to="/agents">Cancel</ButtonLink>
          <Button type="submit" look="primary" busy={make.isPending}>
            Create agent
          </Button>
        </footer>
      </form>
      {isPicking && (
        <TemplateDialog
          action="Use this template"
          note="Fills in the form; you can change everything before the agent is made."
          onPick={pick}
          onClose={() => setPicking(false)}
        />
      )}
    </Page>
  );
}

/** To the new agent; where something was left undone, to where it can be done. */
function useLeave() {
  const navigate = useNavigate();
  const say = useSay();
  return ({ id, name, problem }: MadeAgent) => {
    say(`Created ${name}`);
    if (problem) say.failed(problem);
    void navigate(problem ? `/agents/${id}/settings` : `/agents/${id}`);
  };
}

/** `?template=developer` begins with that template. */
function useTemplateOfUrl(onFound: (template: Template) => void) {
  const [params] = useSearchParams();
  const templates = useTemplates();
  const found = templates.data?.find(({ id }) => id === params.get('template'));
  useEffect(() => {
    if (found) onFound(found);
  }, [found]);
}

const PLAIN = ['name', 'description', 'role', 'soul_content', 'system_prompt', 'system_prompt_type', 'template'];
const PLAIN_SETTINGS = ['model', 'output_token_balance', 'tools'];

/** What was filled in from a template, or refused, is not to be hidden. */
function hasAdvanced(draft: NewDraft, errors: Record<string, string>): boolean {
  const shown = [...PLAIN, ...PLAIN_SETTINGS];
  const isRefused = Object.keys(errors).some((field) => !shown.includes(field.split('.')[1] ?? field));
  return isRefused || (draft.template !== null && [draft.cpu, draft.memory, draft.quota].some(Boolean));
}
