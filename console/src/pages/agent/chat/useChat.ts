// One conversation: what is stored, what is being written right now, and how to say something.
import { useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { flatten, messagesKey, openMessage, postMessage, useMessages, withMessage } from '../../../api/messages';
import { useCancelTurn } from '../../../api/turns';
import type { Message, MessagePage, QueueMode } from '../../../api/types';
import { useFollow } from './useFollow';

export function useChat(agentId: string, conversationId: string) {
  const cache = useQueryClient();
  const history = useMessages(agentId, conversationId);
  const messages = useMemo(() => flatten(history.data), [history.data]);
  const cancelTurn = useCancelTurn();

  const keep = useCallback(
    (message: Message) => {
      const key = messagesKey(agentId, conversationId);
      cache.setQueryData<InfiniteData<MessagePage>>(key, (data) => withMessage(data, message));
    },
    [cache, agentId, conversationId],
  );
  const { live, isFollowing, followNew } = useFollow({ agentId, conversationId, messages, keep });
  const send = useSend({ agentId, conversationId, isBusy: isFollowing, keep, followNew });
  const followed = messages.find((message) => message.id === live?.messageId);
  const turnId = isFollowing ? live?.turnId || followed?.turn_id || '' : '';

  return {
    history,
    messages,
    live,
    isBusy: isFollowing,
    ...send,
    /** Empty as long as there is nothing to stop. */
    runningTurn: turnId,
    cancel: () => cancelTurn.mutate(turnId),
    isCancelling: cancelTurn.isPending,
    cancelError: cancelTurn.error,
  };
}

interface Sending {
  agentId: string;
  conversationId: string;
  isBusy: boolean;
  keep: (message: Message) => void;
  followNew: (response: Response, controller: AbortController) => void;
}

function useSend({ agentId, conversationId, isBusy, keep, followNew }: Sending) {
  const cache = useQueryClient();
  const [isSending, setSending] = useState(false);
  const [sendError, setSendError] = useState<unknown>(null);
  useEffect(() => setSendError(null), [conversationId]);

  /** Answers whether the message is stored; then the text may be forgotten. */
  const send = async (content: string, queue_mode: QueueMode): Promise<boolean> => {
    setSending(true);
    setSendError(null);
    try {
      // While a turn runs the message only queues: its own turn is followed when the running one has ended.
      if (isBusy) keep(await postMessage(agentId, { content, conversation_id: conversationId, queue_mode }));
      else {
        const controller = new AbortController();
        followNew(
          await openMessage(agentId, { content, conversation_id: conversationId }, controller.signal),
          controller,
        );
      }
      void cache.invalidateQueries({ queryKey: ['conversations', agentId] });
      return true;
    } catch (error) {
      setSendError(error);
      return false;
    } finally {
      setSending(false);
    }
  };
  return { send, isSending, sendError };
}
