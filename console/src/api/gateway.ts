import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError, request } from './client';
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

/** Whether the server has a gateway's file to write agents into. One that cannot be read now may be mended. */
export function useHasGateway(): boolean {
  const { isSuccess, error } = useSyncPreview();
  return isSuccess || isUnreadable(error);
}

export function isUnreadable(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  // That none is set, and that one is missing, are told apart by the sentence only.
  return error.status === 422 || (error.status === 409 && !/no gateway file is set/i.test(error.message));
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
