import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useConversations } from './conversations';
import { path, request } from './client';
import { flatten, useMessages } from './messages';
import { useSession } from './session';
import type { Interrupted } from './types';

/** Sends an agent something that it gets as soon as can be. The reply shows up in what was said. */
export function useInterrupt(agentId: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) =>
      request<Interrupted>(path`/network/api/agents/${agentId}/interrupt`, { method: 'POST', body: { reason } }),
    onSuccess: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: ['conversations', agentId] }),
        cache.invalidateQueries({ queryKey: ['messages', agentId] }),
      ]),
  });
}

/** What the signed-in user told the agent this way, and what it replied; oldest first. */
export function useInterruptThread(agentId: string) {
  const me = useSession();
  const conversations = useConversations(agentId);
  const all = conversations.data?.pages.flatMap((page) => page.data) ?? [];
  const own = all.find(({ channel, counterparty }) => channel === 'network' && counterparty.id === me.id);
  const messages = useMessages(agentId, own?.name ?? '', own !== undefined);
  return {
    name: own?.name,
    messages: own ? flatten(messages.data) : [],
    isPending: conversations.isPending || (own !== undefined && messages.isPending),
    error: conversations.error ?? messages.error,
    retry: () => void (conversations.isError ? conversations.refetch() : messages.refetch()),
  };
}
