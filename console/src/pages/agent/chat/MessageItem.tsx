import { memo } from 'react';
import type { Message } from '../../../api/types';
import { moment, time } from '../../../text/format';
import { Avatar } from '../../../ui/Avatar';
import { Badge } from '../../../ui/Badge';
import { CopyButton } from '../../../ui/Copy';
import { Markdown } from '../../../ui/Markdown';
import { InspectLink } from '../turns/InspectLink';
import { StoredTools } from './StoredTools';

interface ItemProps {
  message: Message;
  author: string;
  /** The failure of its turn is told beneath it already. */
  isErrorTold: boolean;
}

export const MessageItem = memo(function MessageItem({ message, author, isErrorTold }: ItemProps) {
  const isUser = message.role === 'user';
  const turnId = turnOf(message);
  return (
    <article className={`message ${isUser ? 'user' : 'reply'}`}>
      <header>
        <Avatar name={author} />
        <b>{author}</b>
        <time dateTime={message.created_at} title={moment(message.created_at)}>
          {time(message.created_at)}
        </time>
        <State message={message} />
        <span className="message-tools">
          <CopyButton bare text={message.content} label="Copy the text" />
          {turnId && <InspectLink turnId={turnId} />}
        </span>
      </header>
      {!isUser && turnId && <StoredTools turnId={turnId} />}
      {isUser ? <p className="said">{message.content}</p> : <Markdown text={message.content} />}
      {message.status === 'failed' && message.error && !isErrorTold && <p className="bad-text">{message.error}</p>}
    </article>
  );
});

/** An answered message leads nowhere: its reply leads to the turn. */
function turnOf(message: Message): string {
  const hasReply = message.status === 'completed' || message.status === 'processing';
  return message.role === 'user' && hasReply ? '' : (message.turn_id ?? '');
}

function State({ message }: { message: Message }) {
  switch (message.status) {
    case 'pending':
      return <Badge tone="quiet">queued</Badge>;
    case 'failed':
      return <Badge tone="bad">failed</Badge>;
    case 'cancelled':
      return <Badge tone="quiet">cancelled</Badge>;
    default:
      return null;
  }
}
