import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { path, request } from './client';
import { useOrg } from './session';
import type { Conversation, Page } from './types';

export function useConversations(agentId: string) {
  const org = useOrg();
  return useInfiniteQuery({
    queryKey: ['conversations', agentId],
    queryFn: ({ pageParam, signal }) =>
      request<Page<Conversation>>(path`/v1/orgs/${org}/conversations`, {
        query: { agent: agentId, limit: 30, pageToken: pageParam },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextPageToken || undefined,
  });
}

export function useMarkRead(agentId: string) {
  const org = useOrg();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      request<Conversation>(path`/v1/orgs/${org}/conversations/${id}/_read`, { method: 'POST', body: {} }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['conversations', agentId] }),
  });
}
