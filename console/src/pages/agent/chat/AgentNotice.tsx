import { Link } from 'react-router';
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
        {agent.lifecycle === 'active' && (
          <>
            {' '}
            <Link to={`/agents/${agent.id}/settings#balance`}>Top it up</Link>
          </>
        )}
      </span>
    </p>
  );
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
      return agent.outputTokenBalance <= 0 ? 'The output token balance is used up: messages wait.' : '';
  }
}
