import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { path, request } from './client';
import type { Soul, TemplateList } from './types';

/** The most characters of a soul. */
export const LONGEST_SOUL = 50_000;

export function useSoul(agentId: string) {
  return useQuery({
    queryKey: ['agent', agentId, 'soul'],
    queryFn: ({ signal }) => request<Soul>(path`/api/agents/${agentId}/soul`, { signal }),
  });
}

/** What agents can be made from; these are part of the server. */
export function useTemplates() {
  return useQuery({
    queryKey: ['templates'],
    queryFn: ({ signal }) => request<TemplateList>('/api/agent-templates', { signal }),
    select: ({ templates }) => templates,
    staleTime: Infinity,
  });
}

export function useSaveSoul(agentId: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (soul_content: string) =>
      request(path`/api/agents/${agentId}/soul`, { method: 'PUT', body: { soul_content } }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['agent', agentId] }),
  });
}
