import { Link } from 'react-router';
import { runsElsewhere } from '../../api/agents';
import type { Agent } from '../../api/types';
import { count, short } from '../../text/format';
import { Avatar } from '../../ui/Avatar';
import { LifecycleBadge, PresenceLabel } from '../../ui/Badge';
import { Ago, LastSeen } from '../../ui/Time';

export function AgentTable({ agents, dimmed }: { agents: Agent[]; dimmed: boolean }) {
  return (
    <div className={`table-wrap ${dimmed ? 'dimmed' : ''}`} aria-busy={dimmed || undefined}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Presence</th>
            <th scope="col">Lifecycle</th>
            <th scope="col" className="from-wide">
              Model
            </th>
            <th scope="col" className="from-medium number">
              Messages
            </th>
            <th scope="col" className="from-wide number">
              Balance
            </th>
            <th scope="col" className="from-medium number">
              Changed
            </th>
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

function Row({ agent }: { agent: Agent }) {
  const isElsewhere = runsElsewhere(agent);
  return (
    <tr>
      <th scope="row" className="cell-name">
        <span className="with-avatar">
          <Avatar name={agent.name} />
          <span>
            <Link to={`/agents/${agent.id}`} className="row-link">
              {agent.name}
            </Link>
            <small>{agent.description || agent.id}</small>
          </span>
        </span>
      </th>
      <td className="cell-presence">
        <PresenceLabel state={agent.presence} />
        {isElsewhere && (
          <small>
            <LastSeen at={agent.lastSeenAt} />
          </small>
        )}
      </td>
      <td>
        <LifecycleBadge state={agent.lifecycle} />
      </td>
      <td className="from-wide">
        <Model agent={agent} isElsewhere={isElsewhere} />
      </td>
      <td className="from-medium number">{count(agent.messageCount)}</td>
      <td className="from-wide number">{isElsewhere ? '–' : short(agent.outputTokenBalance)}</td>
      <td className="from-medium number muted">
        <Ago at={agent.updatedAt} />
      </td>
    </tr>
  );
}

/** What it runs elsewhere on is nothing that is known here. */
function Model({ agent, isElsewhere }: { agent: Agent; isElsewhere: boolean }) {
  if (isElsewhere) return <span className="muted">runs elsewhere</span>;
  return agent.model ? <span className="mono">{agent.model}</span> : <span className="muted">default</span>;
}
