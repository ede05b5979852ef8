import { Link } from 'react-router';
import type { GatewayEntry } from '../../api/types';
import { Badge } from '../../ui/Badge';
import { actionOf } from './changes';

/** What becomes of each agent of the file. */
export function SyncTable({ agents }: { agents: GatewayEntry[] }) {
  return (
    <div className="table-wrap">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Agent</th>
            <th scope="col" className="from-medium">
              Id in the file
            </th>
            <th scope="col">Action</th>
          </tr>
        </thead>
        <tbody>
          {agents.map((agent) => (
            <Row key={agent.id} agent={agent} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ agent }: { agent: GatewayEntry }) {
  const { word, tone } = actionOf(agent.action);
  return (
    <tr>
      <th scope="row" className="cell-name">
        {agent.agent === null ? (
          agent.name
        ) : (
          <Link to={`/agents?q=${encodeURIComponent(agent.name)}`}>{agent.name}</Link>
        )}
      </th>
      <td className="from-medium mono">{agent.id}</td>
      <td>
        <Badge tone={tone}>{word}</Badge>
        {agent.reason && <span className="sync-reason">{agent.reason}</span>}
        {agent.warning && <span className="sync-reason">{agent.warning}</span>}
      </td>
    </tr>
  );
}
