import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from './client';
import type { Sync } from './types';

const SYNC = ['gateway'] as const;

/** What a sync would do now. Nothing is kept, so nothing is changed by looking. */
export function useSyncPreview() {
  return useQuery({
    queryKey: SYNC,
    queryFn: ({ signal }) => request<Sync>('/api/agents/sync', { signal }),
    staleTime: 0,
    retry: false,
  });
}

export function useSync() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => request<Sync>('/api/agents/sync', { method: 'POST', body: {} }),
    onSettled: () => {
      void cache.invalidateQueries({ queryKey: SYNC });
      void cache.invalidateQueries({ queryKey: ['agents'] });
    },
  });
}
