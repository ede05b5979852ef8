import { NavLink, Outlet, useOutletContext, useParams } from 'react-router';
import { runsElsewhere, useAgent } from '../../api/agents';
import { ApiError } from '../../api/client';
import type { Agent } from '../../api/types';
import { short } from '../../text/format';
import { Avatar } from '../../ui/Avatar';
import { LifecycleBadge, PresenceLabel } from '../../ui/Badge';
import { ButtonLink } from '../../ui/Button';
import { CopyButton } from '../../ui/Copy';
import { Empty, ErrorNote, Loading } from '../../ui/Note';
import { useTitle } from '../../ui/Page';
import { LastSeen } from '../../ui/Time';
import { LifecycleButtons } from './LifecycleButtons';
import { InspectorFromUrl } from './turns/InspectorFromUrl';

export function AgentPage() {
  const { agentId = '' } = useParams();
  const agent = useAgent(agentId);
  useTitle(agent.data?.name ?? 'Agent');

  if (agent.isPending)
    return (
      <div className="page">
        <Loading rows={6} />
      </div>
    );
  if (!agent.data || isGone(agent.error))
    return (
      <div className="page">
        <Unreadable error={agent.error} retry={() => void agent.refetch()} />
      </div>
    );
  return (
    <div className="agent-page">
      <AgentHead agent={agent.data} />
      <Outlet key={agentId} context={agent.data} />
      <InspectorFromUrl />
    </div>
  );
}

/** The agent whose page this is, for the tabs. */
export function useThisAgent(): Agent {
  return useOutletContext<Agent>();
}

function Unreadable({ error, retry }: { error: unknown; retry: () => void }) {
  if (isGone(error)) {
    return (
      <Empty
        whole
        icon="agents"
        title="There is no such agent"
        action={<ButtonLink to="/agents">All agents</ButtonLink>}
      >
        It may have been deleted.
      </Empty>
    );
  }
  return <ErrorNote error={error} onRetry={retry} />;
}

function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** Muster knows neither what it runs on nor what that uses. */
function Elsewhere({ agent }: { agent: Agent }) {
  return (
    <>
      <span>Runs elsewhere</span>
      <span>
        <LastSeen at={agent.lastSeenAt} />
      </span>
    </>
  );
}

function Here({ agent }: { agent: Agent }) {
  return (
    <>
      <span className="mono">{agent.model || 'default model'}</span>
      <span title="Output tokens left">{short(agent.outputTokenBalance)} tokens left</span>
    </>
  );
}

function AgentHead({ agent }: { agent: Agent }) {
  return (
    <header className="agent-head">
      <div className="agent-title">
        <Avatar large name={agent.name} />
        <div className="agent-name">
          <h1>{agent.name}</h1>
          <LifecycleBadge state={agent.lifecycle} />
          <PresenceLabel state={agent.presence} />
          <span className="agent-facts">
            {runsElsewhere(agent) ? <Elsewhere agent={agent} /> : <Here agent={agent} />}
            <span className="agent-id mono">
              {agent.id}
              <CopyButton bare text={agent.id} label="Copy the id" />
            </span>
          </span>
        </div>
      </div>
      <LifecycleButtons agent={agent} />
      <nav className="tabs" aria-label={agent.name}>
        <NavLink to="chat">Chat</NavLink>
        <NavLink to="turns">Turns</NavLink>
        <NavLink to="soul">Soul</NavLink>
        <NavLink to="memory">Memory</NavLink>
        <NavLink to="heartbeat">Heartbeat</NavLink>
        <NavLink to="settings">Settings</NavLink>
      </nav>
    </header>
  );
}
