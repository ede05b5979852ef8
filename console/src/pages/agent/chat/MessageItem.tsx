import { memo } from 'react';
import type { Message } from '../../../api/types';
import { moment, time } from '../../../text/format';
import { Badge } from '../../../ui/Badge';
import { CopyButton } from '../../../ui/Copy';
import { Markdown } from '../../../ui/Markdown';
import { InspectLink } from '../turns/InspectLink';
import { StoredTools } from './StoredTools';

interface ItemProps {
  message: Message;
  author: string;
  turnId: string;
}

export const MessageItem = memo(function MessageItem({ message, author, turnId }: ItemProps) {
  const isUser = message.role === 'user';
  return (
    <article className={`message ${isUser ? 'user' : 'reply'}`}>
      <header>
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
      {!isUser && turnId && <StoredTools turnId={turnId} replyId={message.id} />}
      {isUser ? <p className="said">{message.content}</p> : <Markdown text={message.content} />}
    </article>
  );
});

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
