import { NavLink, Outlet, useOutletContext, useParams } from 'react-router';
import { useConnectors, useConnectorTypes } from '../../api/connectors';
import { useMay } from '../../api/session';
import type { ConnectorType, ListedConnector } from '../../api/types';
import { Avatar } from '../../ui/Avatar';
import { Badge } from '../../ui/Badge';
import { ButtonLink } from '../../ui/Button';
import { CopyButton } from '../../ui/Copy';
import { Empty, ErrorNote, Loading } from '../../ui/Note';
import { useTitle } from '../../ui/Page';
import { useConnectorTest } from './TestButton';

interface Shown {
  connector: ListedConnector;
  /** Unknown while it is read, and of a type that this server no longer has. */
  type: ConnectorType | undefined;
}

export function ConnectorPage() {
  const { connectorId = '' } = useParams();
  const list = useConnectors();
  const types = useConnectorTypes();
  const connector = list.data?.connectors.find((each) => each.id === connectorId);
  useTitle(connector?.name ?? 'Connector');
  if (!connector) {
    return (
      <div className="page">
        {list.isPending && <Loading rows={6} />}
        {list.isError && <ErrorNote error={list.error} onRetry={() => void list.refetch()} />}
        {list.isSuccess && !list.isFetching && <Gone />}
      </div>
    );
  }
  const type = types.data?.data.find((each) => each.type === connector.type);
  const shown: Shown = { connector, type };
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

function Gone() {
  return (
    <Empty
      whole
      icon="data"
      title="There is no such connector"
      action={<ButtonLink to="/connectors">All connectors</ButtonLink>}
    >
      It may have been deleted.
    </Empty>
  );
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
