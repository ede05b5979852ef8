import { useEffect, useRef, useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { ApiError } from '../../../api/client';
import { useConnectorTypes, useCreateConnector } from '../../../api/connectors';
import type { ConnectorType } from '../../../api/types';
import { Button } from '../../../ui/Button';
import { ErrorNote, Loading } from '../../../ui/Note';
import { Page } from '../../../ui/Page';
import { useSay } from '../../../ui/Toasts';
import { useFilters } from '../../../ui/useFilters';
import { ConnectorFields } from './ConnectorFields';
import { errorOf } from './errors';
import { TypePicker } from './TypePicker';
import { useConnectorDraft } from './useConnectorDraft';

/** First the type, then its form. */
export function NewConnectorPage() {
  const types = useConnectorTypes();
  const filters = useFilters();
  const all = types.data?.data ?? [];
  const type = all.find((each) => each.type === filters.get('type'));
  return (
    <Page
      title={type ? `New ${type.title} connector` : 'New connector'}
      lead={type?.summary}
      narrow={type !== undefined}
    >
      {types.isPending && <Loading rows={6} />}
      {types.isError && <ErrorNote error={types.error} onRetry={() => void types.refetch()} />}
      {types.isSuccess && !type && <TypePicker types={all} onPick={(picked) => filters.set('type', picked)} />}
      {type && <NewConnectorForm key={type.type} type={type} onBack={() => filters.set('type', '')} />}
    </Page>
  );
}

function NewConnectorForm({ type, onBack }: { type: ConnectorType; onBack: () => void }) {
  const form = useConnectorDraft(type);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const create = useCreateConnector();
  const navigate = useNavigate();
  const say = useSay();
  const element = useRef<HTMLFormElement>(null);

  useEffect(() => {
    element.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [problems, create.error]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (create.isPending) return;
    const made = form.read();
    setProblems(made.problems);
    if (Object.keys(made.problems).length > 0) return;
    const { name, description } = form.draft;
    const body = {
      name: name.trim(),
      type: type.type,
      description: description.trim() || null,
      settings: made.settings,
    };
    create.mutate(body, {
      onSuccess: (connector) => {
        say(`Created ${connector.name}`);
        void navigate(`/connectors/${connector.id}`, { state: { isNew: true } });
      },
    });
  };

  const refused = create.error instanceof ApiError ? create.error.fields : {};
  return (
    <form ref={element} className="form" noValidate onSubmit={submit}>
      <ConnectorFields form={form} type={type} error={(field) => errorOf(problems, refused, field)} />
      {create.isError && <ErrorNote error={create.error} />}
      <footer className="form-foot">
        <Button onClick={onBack}>Another type</Button>
        <Button type="submit" look="primary" busy={create.isPending}>
          Create connector
        </Button>
      </footer>
    </form>
  );
}
