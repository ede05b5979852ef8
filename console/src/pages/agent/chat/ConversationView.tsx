import { useEffect, useRef } from 'react';
import { Link } from 'react-router';
import { useMarkRead } from '../../../api/conversations';
import { useMay, useSession } from '../../../api/session';
import type { Agent, Conversation } from '../../../api/types';
import { Icon } from '../../../ui/Icon';
import { ErrorNote, Loading } from '../../../ui/Note';
import { AgentNotice } from './AgentNotice';
import { Composer } from './Composer';
import { MessageLog } from './MessageLog';
import { useChat } from './useChat';

interface ViewProps {
  agent: Agent;
  conversationId: string;
  /** Not known before the first message. */
  conversation: Conversation | undefined;
}

export function ConversationView({ agent, conversationId, conversation }: ViewProps) {
  const chat = useChat(agent.id, conversationId);
  const me = useSession();
  const mayWrite = useMay('operator');
  useReading(agent.id, mayWrite ? conversation : undefined);
  const other = conversation && conversation.counterparty.id !== me.id ? conversation.counterparty.name : 'You';

  return (
    <section className="conversation-view" aria-label="Conversation">
      <Link to={`/agents/${agent.id}/chat`} className="to-conversations">
        <Icon name="back" /> All conversations
      </Link>
      {chat.history.isPending && (
        <div className="log">
          <Loading rows={4} />
        </div>
      )}
      {chat.history.isError && (
        <div className="log">
          <ErrorNote error={chat.history.error} onRetry={() => void chat.history.refetch()} />
        </div>
      )}
      {chat.history.isSuccess && <MessageLog agent={agent} chat={chat} speaker={other} />}
      <AgentNotice agent={agent} />
      {mayWrite && <Composer key={conversationId} agent={agent} conversationId={conversationId} chat={chat} />}
    </section>
  );
}

/** What is on a visible screen counts as read. */
function useReading(agentId: string, conversation: Conversation | undefined) {
  const { mutate } = useMarkRead(agentId);
  const told = useRef('');
  const id = conversation?.id ?? '';
  const unread = conversation?.unreadCount ?? 0;
  const state = `${id} ${unread} ${conversation?.lastMessageAt ?? ''}`;
  useEffect(() => {
    const tell = () => {
      if (!id || unread === 0 || document.hidden || told.current === state) return;
      told.current = state;
      mutate(id);
    };
    tell();
    document.addEventListener('visibilitychange', tell);
    return () => document.removeEventListener('visibilitychange', tell);
  }, [id, unread, state, mutate]);
}
