import { Fragment, useEffect, type MouseEvent } from 'react';
import type { Agent, Message } from '../../../api/types';
import { date, sameDay } from '../../../text/format';
import { Button } from '../../../ui/Button';
import { Empty } from '../../../ui/Note';
import { LiveReply } from './LiveReply';
import { MessageItem } from './MessageItem';
import type { useChat } from './useChat';
import { useStickToBottom } from './useStickToBottom';

interface LogProps {
  agent: Agent;
  chat: ReturnType<typeof useChat>;
  /** Who writes the user's side. */
  speaker: string;
}

export function MessageLog({ agent, chat, speaker }: LogProps) {
  const { history, messages, live } = chat;
  const scroll = useStickToBottom(messages, live);
  const { toEnd } = scroll;
  useEffect(() => {
    if (chat.isSending) toEnd();
  }, [chat.isSending]);
  const onClick = (event: MouseEvent) => {
    if (event.target instanceof Element && event.target.closest('summary')) scroll.letGo();
  };

  return (
    <div className="log-frame">
      <div
        className="log"
        ref={scroll.box}
        onScroll={scroll.onScroll}
        onClickCapture={onClick}
        role="log"
        aria-label="Messages"
        tabIndex={0}
      >
        {history.hasNextPage && (
          <Button small busy={history.isFetchingNextPage} onClick={() => scroll.keepPlace(history.fetchNextPage)}>
            Load older messages
          </Button>
        )}
        {messages.length === 0 && !live && (
          <Empty icon="agents" title={`Talk to ${agent.name}`}>
            {agent.description || 'Say what you need. The answer appears here as it is written.'}
          </Empty>
        )}
        {messages.map((message, index) => (
          <Fragment key={message.id}>
            <DayMark message={message} before={messages[index - 1]} />
            <MessageItem
              message={live?.messageId === message.id ? followed(message) : message}
              author={message.role === 'user' ? speaker : agent.name}
              isErrorTold={live?.phase === 'failed' && live.messageId === message.id}
            />
            {live?.phase === 'failed' && live.messageId === message.id && <LiveReply turn={live} author={agent.name} />}
          </Fragment>
        ))}
        {live && live.phase !== 'failed' && live.phase !== 'completed' && <LiveReply turn={live} author={agent.name} />}
      </div>
      {scroll.isAway && (
        <Button small className="to-end" icon="down" onClick={scroll.toEnd}>
          Latest
        </Button>
      )}
    </div>
  );
}

/** The live reply beneath it tells how far the message has got, sooner than the history does. */
function followed(message: Message): Message {
  return message.status === 'pending' ? { ...message, status: 'processing' } : message;
}

function DayMark({ message, before }: { message: Message; before: Message | undefined }) {
  if (before && sameDay(before.created_at, message.created_at)) return null;
  return <p className="day-mark">{date(message.created_at)}</p>;
}
