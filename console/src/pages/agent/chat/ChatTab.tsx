import { useEffect } from 'react';
import { useNavigate, useParams } from 'react-router';
import { useConversations } from '../../../api/conversations';
import { useMay } from '../../../api/session';
import { newConversationId } from '../../../text/random';
import { useThisAgent } from '../AgentPage';
import { ConversationList } from './ConversationList';
import { ConversationView } from './ConversationView';

/** The list of conversations beside the open one; narrow screens show one of the two. */
export function ChatTab() {
  const agent = useThisAgent();
  const { conversationId } = useParams();
  const conversations = useConversations(agent.id);
  const mayWrite = useMay('operator');
  const navigate = useNavigate();
  const all = conversations.data?.pages.flatMap((page) => page.data) ?? [];
  const newest = all[0]?.name;

  useEffect(() => {
    if (conversationId || !conversations.isSuccess) return;
    if (newest && isWide()) void navigate(newest, { replace: true });
    if (!newest && mayWrite) void navigate(newConversationId(), { replace: true });
  }, [conversationId, conversations.isSuccess, newest, mayWrite, navigate]);

  return (
    <div className={`chat ${conversationId ? 'has-open' : ''}`}>
      <ConversationList list={conversations} conversations={all} mayWrite={mayWrite} />
      {conversationId && (
        <ConversationView
          key={conversationId}
          agent={agent}
          conversationId={conversationId}
          conversation={all.find((each) => each.name === conversationId)}
        />
      )}
    </div>
  );
}

function isWide(): boolean {
  return window.matchMedia('(min-width: 801px)').matches;
}
