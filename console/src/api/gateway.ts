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
  const isAllowed = !(error instanceof ApiError && error.status === 403);
  return isSuccess || (isAllowed && error !== null && !isUnset(error));
}

/** Whether it is refused because no file is named, which only the sentence tells from a file that is missing. */
export function isUnset(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && /no gateway file is set/i.test(error.message);
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
