import { useEffect, useRef, useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { ApiError } from '../../../api/client';
import { useConnector, useUpdateConnector } from '../../../api/connectors';
import type { Connector, ConnectorType, ListedConnector } from '../../../api/types';
import { equal } from '../../../text/merge';
import { Button } from '../../../ui/Button';
import { ErrorNote, Loading } from '../../../ui/Note';
import { Card } from '../../../ui/Page';
import { patchOf, splitStored } from '../../../ui/schema/schema';
import { useSay } from '../../../ui/Toasts';
import { EnabledSwitch } from '../EnabledSwitch';
import { useThisConnector } from '../ConnectorPage';
import { DeleteDialog } from '../DeleteDialog';
import { ConnectorFields } from './ConnectorFields';
import { errorOf } from './errors';
import { beginDraft, useConnectorDraft } from './useConnectorDraft';

export function SettingsTab() {
  const { connector, type } = useThisConnector();
  const stored = useConnector(connector.id);
  return (
    <div className="tab-body settings">
      <Card title="Settings">
        {stored.isError && <ErrorNote error={stored.error} onRetry={() => void stored.refetch()} />}
        {(stored.isPending || !type) && <Loading rows={6} />}
        {stored.data && type && <SettingsForm connector={stored.data} type={type} />}
      </Card>
      <div className="settings-side">
        <Card title="State">
          <div className="state-line">
            <span>Enabled</span>
            <EnabledSwitch connector={connector} disabled={false} />
          </div>
          <p className="muted">A disabled connector answers nobody and is offered to no agent.</p>
        </Card>
        <DeleteCard connector={connector} />
      </div>
    </div>
  );
}

function SettingsForm({ connector, type }: { connector: Connector; type: ConnectorType }) {
  const form = useConnectorDraft(type, connector);
  const { plain, secrets } = splitStored(connector.settings);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const save = useUpdateConnector(connector.id);
  const say = useSay();
  const element = useRef<HTMLFormElement>(null);
  const isDirty = !equal(form.draft, beginDraft(form.fields, connector));

  useEffect(() => {
    element.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [problems, save.error]);

  const discard = () => {
    form.begin(connector);
    setProblems({});
    save.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (save.isPending) return;
    const made = form.read();
    setProblems(made.problems);
    if (Object.keys(made.problems).length > 0) return;
    const { name, description } = form.draft;
    save.mutate(
      {
        name: name.trim(),
        description: description.trim() || null,
        settings: patchOf(plain, made.settings),
      },
      { onSuccess: (stored) => (form.begin(stored), say('Saved')) },
    );
  };

  const refused = save.error instanceof ApiError ? save.error.fields : {};
  return (
    <form ref={element} className="form" noValidate onSubmit={submit}>
      <ConnectorFields
        // What was stored begins anew: a secret that was replaced is set, no longer an open field.
        key={connector.updatedAt}
        form={form}
        type={type}
        kept={secrets}
        error={(field) => errorOf(problems, refused, field)}
      />
      {save.isError && <ErrorNote error={save.error} />}
      <footer className={`form-foot ${isDirty ? 'sticky' : ''}`}>
        {isDirty && <span className="muted">Not saved yet</span>}
        <Button disabled={!isDirty} onClick={discard}>
          Discard
        </Button>
        <Button type="submit" look="primary" busy={save.isPending} disabled={!isDirty}>
          Save
        </Button>
      </footer>
    </form>
  );
}

function DeleteCard({ connector }: { connector: ListedConnector }) {
  const [isAsking, setAsking] = useState(false);
  const navigate = useNavigate();
  return (
    <Card title="Delete">
      <p className="muted">Forgets the settings and secrets. The source itself is not touched.</p>
      <Button look="danger" icon="trash" onClick={() => setAsking(true)}>
        Delete connector
      </Button>
      {isAsking && (
        <DeleteDialog
          connector={connector}
          onClose={() => setAsking(false)}
          onDeleted={() => void navigate('/connectors')}
        />
      )}
    </Card>
  );
}
