import { Link } from 'react-router';
import { useChangeGrants, useGrants } from '../../../api/grants';
import type { Grant } from '../../../api/types';
import { Avatar } from '../../../ui/Avatar';
import { Button } from '../../../ui/Button';
import { Empty, ErrorNote, Loading } from '../../../ui/Note';
import { useSay } from '../../../ui/Toasts';
import { useThisConnector } from '../ConnectorPage';
import { GrantForm } from './GrantForm';

/** Which hosted agents have the connector as a tool in their turns. */
export function GrantsTab() {
  const { connector } = useThisConnector();
  const list = useGrants(connector.id);
  const grants = list.data?.data ?? [];
  return (
    <div className="tab-body grants">
      <div className="tab-head">
        <div>
          <h2>Agents that may ask {connector.name}</h2>
          <p className="muted">In their turns they have it as a tool, with what it holds in the description.</p>
        </div>
      </div>
      <GrantForm connectorId={connector.id} granted={grants} />
      {list.isPending && <Loading boxed rows={3} />}
      {list.isError && <ErrorNote error={list.error} onRetry={() => void list.refetch()} />}
      {list.isSuccess && grants.length === 0 && (
        <Empty icon="agents" title="No agent has it yet">
          Grant it to an agent by name, and its next turn can ask it.
        </Empty>
      )}
      {grants.length > 0 && (
        <ul className="grant-list">
          {grants.map((grant) => (
            <GrantRow key={grant.id} connectorId={connector.id} grant={grant} />
          ))}
        </ul>
      )}
    </div>
  );
}

function GrantRow({ connectorId, grant }: { connectorId: string; grant: Grant }) {
  const change = useChangeGrants(connectorId);
  const say = useSay();
  const take = () =>
    change.mutate(
      { remove: grant.id },
      {
        onSuccess: () => say(`${grant.name} can no longer ask it`),
        onError: (error) => say.failed(error),
      },
    );
  return (
    <li>
      <Avatar name={grant.name} />
      <span className="grant-name">
        <Link to={`/agents/${grant.id}`}>{grant.name}</Link>
        <small className="muted">{grant.id}</small>
      </span>
      <Button small busy={change.isPending} onClick={take} aria-label={`Take it from ${grant.name}`}>
        Take away
      </Button>
    </li>
  );
}
