import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { path, request } from './client';
import { useOrg } from './session';
import type { AgentToken, MadeToken, NewToken, Page } from './types';

const TOKENS = ['tokens'] as const;

export function useTokens() {
  const org = useOrg();
  return useQuery({
    queryKey: TOKENS,
    queryFn: ({ signal }) => request<Page<AgentToken>>(path`/v1/orgs/${org}/agent-tokens`, { signal }),
  });
}

export function useCreateToken() {
  const org = useOrg();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: NewToken) => request<MadeToken>(path`/v1/orgs/${org}/agent-tokens`, { method: 'POST', body }),
    onSuccess: refresh,
  });
}

export function useRevokeToken() {
  const org = useOrg();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (id: string) => request(path`/v1/orgs/${org}/agent-tokens/${id}`, { method: 'DELETE' }),
    onSuccess: refresh,
  });
}

function useRefresh() {
  const cache = useQueryClient();
  return () => cache.invalidateQueries({ queryKey: TOKENS });
}
