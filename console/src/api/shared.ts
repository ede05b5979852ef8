import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { request } from './client';
import type { MemoryEntry, MemoryList, MemorySet } from './types';

const SHARED = ['shared'] as const;
const PAGE = 100;

/** Everything that is done to the memory that the organization's agents share is one POST. */
function ask<T>(body: object, signal?: AbortSignal): Promise<T> {
  const call = { method: 'POST' as const, body: { scope: 'tenant', ...body } };
  return request<T>('/network/api/agents/memory', { ...call, ...(signal && { signal }) });
}

/** The shared values whose keys begin with the prefix, in the order of the keys. */
export function useSharedMemory(prefix: string) {
  return useInfiniteQuery({
    queryKey: [...SHARED, prefix],
    queryFn: ({ pageParam, signal }) => {
      const place = { ...(prefix && { prefix }), ...(pageParam && { cursor: pageParam }) };
      return ask<MemoryList>({ operation: 'list', limit: PAGE, ...place }, signal);
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor || undefined,
  });
}

export function readShared(key: string): Promise<MemoryEntry> {
  return ask<MemoryEntry>({ operation: 'get', key });
}

/** Sets a value as long as it is still at the revision; 0 only sets one that is not there. */
export function useSetShared() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (change: { key: string; value: unknown; ifRevision: number }) =>
      ask<MemorySet>({ operation: 'set', ...change }),
    onSuccess: refresh,
  });
}

export function useForgetShared() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (change: { key: string; ifRevision: number }) => ask({ operation: 'delete', ...change }),
    onSettled: refresh,
  });
}

function useRefresh() {
  const cache = useQueryClient();
  return () => cache.invalidateQueries({ queryKey: SHARED });
}
