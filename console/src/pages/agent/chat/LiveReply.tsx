import { Link } from 'react-router';
import type { LiveTurn } from '../../../live/turn';
import { Avatar } from '../../../ui/Avatar';
import { Markdown } from '../../../ui/Markdown';
import { Icon } from '../../../ui/Icon';
import { useThisAgent } from '../AgentPage';
import { InspectLink } from '../turns/InspectLink';
import { ToolCalls } from './ToolCalls';

/** The reply while it is written, or what came of it when the turn failed. */
export function LiveReply({ turn, author }: { turn: LiveTurn; author: string }) {
  const isOpen = turn.phase === 'waiting' || turn.phase === 'running';
  const isSilent = !turn.reply.text && isOpen;
  return (
    <article className={`message reply ${isOpen ? 'live' : ''}`} aria-busy={isOpen}>
      <header>
        <Avatar name={author} />
        <b>{author}</b>
        {isSilent && <span className="muted">{turn.phase === 'waiting' ? 'waiting for its turn' : 'working'}</span>}
        <span className="message-tools">{turn.turnId && <InspectLink turnId={turn.turnId} />}</span>
      </header>
      {turn.tools.length > 0 && <ToolCalls calls={turn.tools} />}
      {turn.reply.text && <Markdown text={turn.reply.text} />}
      {isSilent && (
        <p className="typing" role="status" aria-label={`${author} is working`}>
          <span />
          <span />
          <span />
        </p>
      )}
      {turn.error && <Failure code={turn.error.code} text={turn.error.message} />}
    </article>
  );
}

function Failure({ code, text }: { code: string; text: string }) {
  const agent = useThisAgent();
  if (code === 'CANCELLED') return <p className="muted">Stopped.</p>;
  return (
    <div className="note bad" role="alert">
      <Icon name="warn" />
      <div>
        <p>{text || code}</p>
        {code === 'INSUFFICIENT_BALANCE' && (
          <p>
            <Link to={`/agents/${agent.id}/settings#balance`}>Top up the balance</Link> and the message is answered.
          </p>
        )}
      </div>
    </div>
  );
}
