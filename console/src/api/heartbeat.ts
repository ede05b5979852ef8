import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { path, request } from './client';
import type { Heartbeat, Woken } from './types';

/** What the agent would be given if it asked now. Looking changes nothing. */
export function useHeartbeat(agentId: string) {
  return useQuery({
    queryKey: ['agent', agentId, 'heartbeat'],
    queryFn: ({ signal }) => request<Heartbeat>(path`/api/agents/${agentId}/heartbeat`, { signal }),
  });
}

export function useWake(agentId: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) =>
      request<Woken>(path`/api/agents/${agentId}/wake`, {
        method: 'POST',
        body: reason ? { reason } : {},
      }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['agent', agentId] }),
  });
}
