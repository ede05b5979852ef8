import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { path, request } from './client';
import { useOrg } from './session';
import type { Page, Turn, TurnSummary } from './types';

export interface TurnFilter {
  agent?: string;
  conversation?: string;
  state?: string;
}

export function useTurns(filter: TurnFilter, limit = 30) {
  const org = useOrg();
  return useInfiniteQuery({
    queryKey: ['turns', filter, limit],
    queryFn: ({ pageParam, signal }) =>
      request<Page<TurnSummary>>(path`/v1/orgs/${org}/turns`, {
        query: { ...filter, limit, pageToken: pageParam },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextPageToken || undefined,
  });
}

/** A turn with its steps. A finished turn never changes, so it is read once. */
export function useTurn(id: string, enabled = true) {
  const org = useOrg();
  return useQuery({
    queryKey: ['turn', id],
    queryFn: ({ signal }) => request<Turn>(path`/v1/orgs/${org}/turns/${id}`, { signal }),
    enabled: enabled && id !== '',
    staleTime: ({ state }) => (state.data && isOver(state.data) ? Infinity : 0),
    refetchInterval: ({ state }) => (state.data && !isOver(state.data) ? 1500 : false),
  });
}

export function isOver(turn: TurnSummary): boolean {
  return turn.state === 'succeeded' || turn.state === 'failed' || turn.state === 'cancelled';
}

export function useCancelTurn() {
  const org = useOrg();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      request<TurnSummary>(path`/v1/orgs/${org}/turns/${id}/_cancel`, { method: 'POST', body: {} }),
    onSettled: (_turn, _error, id) => {
      void cache.invalidateQueries({ queryKey: ['turn', id] });
      void cache.invalidateQueries({ queryKey: ['turns'] });
    },
  });
}
