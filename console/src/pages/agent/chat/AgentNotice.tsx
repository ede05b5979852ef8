import { Link } from 'react-router';
import { dialsIn, runsElsewhere } from '../../../api/agents';
import type { Agent } from '../../../api/types';
import { Icon } from '../../../ui/Icon';

/** Why an answer may not come, and what to do about it. */
export function AgentNotice({ agent }: { agent: Agent }) {
  const text = noticeOf(agent);
  if (!text) return null;
  return (
    <p className="chat-notice" role="status">
      <Icon name="warn" />
      <span>
        {text}
        {agent.lifecycle === 'active' && <WayOut agent={agent} />}
      </span>
    </p>
  );
}

function WayOut({ agent }: { agent: Agent }) {
  const [to, text] = wayOut(agent);
  return (
    <>
      {' '}
      <Link to={to}>{text}</Link>
    </>
  );
}

function wayOut(agent: Agent): [to: string, text: string] {
  if (!runsElsewhere(agent)) return [`/agents/${agent.id}/settings#balance`, 'Top it up'];
  if (dialsIn(agent)) return [`/network?agent=${agent.id}`, 'Its connection'];
  return [`/agents/${agent.id}/heartbeat`, 'What waits for it'];
}

function noticeOfRemote(agent: Agent): string {
  if (!dialsIn(agent)) return 'This agent runs elsewhere: messages wait until it next asks for work.';
  const isAway = agent.presence === 'offline' || agent.presence === 'error';
  return isAway ? 'This agent is not connected: messages wait until it dials in.' : '';
}

function noticeOf(agent: Agent): string {
  switch (agent.lifecycle) {
    case 'paused':
      return 'This agent is paused: messages wait until it is resumed.';
    case 'stopped':
      return 'This agent is stopped: activate it to send messages.';
    case 'error':
      return 'This agent is in an error state: look at its failed turns, then activate it again.';
    case 'active':
      if (runsElsewhere(agent)) return noticeOfRemote(agent);
      return agent.outputTokenBalance <= 0 ? 'The output token balance is used up: messages wait.' : '';
  }
}
