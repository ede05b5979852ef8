import { NavLink, Outlet, useOutletContext, useParams } from 'react-router';
import { useConnector, useConnectorTypes } from '../../api/connectors';
import { ApiError } from '../../api/client';
import { useMay } from '../../api/session';
import type { Connector, ConnectorType } from '../../api/types';
import { Avatar } from '../../ui/Avatar';
import { Badge } from '../../ui/Badge';
import { ButtonLink } from '../../ui/Button';
import { CopyButton } from '../../ui/Copy';
import { Empty, ErrorNote, Loading } from '../../ui/Note';
import { useTitle } from '../../ui/Page';
import { useConnectorTest } from './TestButton';

interface Shown {
  connector: Connector;
  /** Unknown while it is read, and of a type that this server no longer has. */
  type: ConnectorType | undefined;
}

export function ConnectorPage() {
  const { connectorId = '' } = useParams();
  const connector = useConnector(connectorId);
  const types = useConnectorTypes();
  useTitle(connector.data?.name ?? 'Connector');
  if (connector.isPending)
    return (
      <div className="page">
        <Loading rows={6} />
      </div>
    );
  if (!connector.data || isGone(connector.error))
    return (
      <div className="page">
        {isGone(connector.error) ? (
          <Empty
            whole
            icon="data"
            title="There is no such connector"
            action={<ButtonLink to="/connectors">All connectors</ButtonLink>}
          >
            It may have been deleted.
          </Empty>
        ) : (
          <ErrorNote error={connector.error} onRetry={() => void connector.refetch()} />
        )}
      </div>
    );
  const type = types.data?.data.find((each) => each.type === connector.data.type);
  const shown: Shown = { connector: connector.data, type };
  return (
    <div className="agent-page" key={connectorId}>
      <Head {...shown} />
      <Outlet context={shown} />
    </div>
  );
}

/** The connector whose page this is, for the tabs. */
export function useThisConnector(): Shown {
  return useOutletContext<Shown>();
}

function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

function Head({ connector, type }: Shown) {
  const mayManage = useMay('admin');
  const { button, outcome } = useConnectorTest(connector.id);
  const title = type?.title ?? connector.type;
  return (
    <header className="agent-head">
      <div className="agent-title">
        <Avatar large name={title} />
        <div className="agent-name">
          <h1>{connector.name}</h1>
          <Badge tone={connector.enabled ? 'good' : 'quiet'}>{connector.enabled ? 'enabled' : 'disabled'}</Badge>
          <span className="agent-facts">
            <span>{title}</span>
            {connector.description && <span>{connector.description}</span>}
            <span className="agent-id mono">
              {connector.id}
              <CopyButton bare text={connector.id} label="Copy the id" />
            </span>
          </span>
        </div>
      </div>
      {mayManage && <div className="agent-actions">{button}</div>}
      {outcome}
      {mayManage && (
        <nav className="tabs" aria-label={connector.name}>
          <NavLink to="." end>
            Query
          </NavLink>
          <NavLink to="settings">Settings</NavLink>
          <NavLink to="agents">Agents</NavLink>
        </nav>
      )}
    </header>
  );
}
