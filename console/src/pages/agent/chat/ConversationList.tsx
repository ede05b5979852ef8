import { NavLink, useNavigate } from 'react-router';
import type { useConversations } from '../../../api/conversations';
import { useSession } from '../../../api/session';
import type { Conversation } from '../../../api/types';
import { plural } from '../../../text/format';
import { newConversationId } from '../../../text/random';
import { Button } from '../../../ui/Button';
import { MorePages } from '../../../ui/MorePages';
import { ErrorNote, Loading } from '../../../ui/Note';
import { Ago } from '../../../ui/Time';
import { useThisAgent } from '../AgentPage';

interface ListProps {
  list: ReturnType<typeof useConversations>;
  conversations: Conversation[];
  mayWrite: boolean;
}

export function ConversationList({ list, conversations, mayWrite }: ListProps) {
  const agent = useThisAgent();
  const navigate = useNavigate();
  return (
    <nav className="conversations" aria-label="Conversations">
      {mayWrite && (
        <Button icon="plus" onClick={() => void navigate(`/agents/${agent.id}/chat/${newConversationId()}`)}>
          New conversation
        </Button>
      )}
      {list.isPending && <Loading rows={4} />}
      {list.isError && <ErrorNote error={list.error} onRetry={() => void list.refetch()} />}
      {list.isSuccess && conversations.length === 0 && (
        <p className="conversations-none">No conversations yet. The first message begins one.</p>
      )}
      <ul>
        {conversations.map((conversation) => (
          <Entry key={conversation.id} conversation={conversation} />
        ))}
      </ul>
      <MorePages list={list} label="Older conversations" />
    </nav>
  );
}

function Entry({ conversation }: { conversation: Conversation }) {
  const me = useSession();
  const { counterparty, channel, unreadCount } = conversation;
  const mine = counterparty.id === me.id;
  return (
    <li>
      <NavLink to={`/agents/${conversation.agentId}/chat/${conversation.name}`} className="conversation">
        <span className="conversation-head">
          <b>{mine ? 'You' : counterparty.name}</b>
          {channel !== 'api' && <span className="channel">{channel}</span>}
          <Ago at={conversation.lastMessageAt ?? conversation.createdAt} />
        </span>
        <span className="conversation-preview">
          <span>{conversation.lastMessagePreview || 'No text'}</span>
          {unreadCount > 0 && (
            <span className="unread" aria-label={`${plural(unreadCount, 'unread message')}`}>
              {unreadCount}
            </span>
          )}
        </span>
      </NavLink>
    </li>
  );
}
