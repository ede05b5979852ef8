import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { path, request } from './client';
import { useOrg } from './session';
import type { ApiKey, ApiKeyChange, MadeKey, NewApiKey, Page } from './types';

const KEYS = ['keys'] as const;

export const SCOPES = [
  'agents:read',
  'agents:write',
  'messages:read',
  'messages:write',
  'memory:read',
  'memory:write',
  'connectors:query',
  'connectors:manage',
  'hosts:read',
  'hosts:command',
  'hosts:manage',
  'files:read',
  'files:write',
  'people:read',
  'people:write',
  'knowledge:read',
  'catalogs:read',
  'templates:apply',
  'webhooks:manage',
  'org:admin',
  'approvals:decide',
  'audit:read',
] as const;

export function useKeys() {
  const org = useOrg();
  return useInfiniteQuery({
    queryKey: KEYS,
    queryFn: ({ pageParam, signal }) =>
      request<Page<ApiKey>>(path`/v1/orgs/${org}/api-keys`, { query: { limit: 100, pageToken: pageParam }, signal }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextPageToken || undefined,
  });
}

export function useCreateKey() {
  const org = useOrg();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: NewApiKey) => request<MadeKey>(path`/v1/orgs/${org}/api-keys`, { method: 'POST', body }),
    onSuccess: refresh,
  });
}

export function useUpdateKey() {
  const org = useOrg();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ id, change }: { id: string; change: ApiKeyChange }) =>
      request<ApiKey>(path`/v1/orgs/${org}/api-keys/${id}`, { method: 'PATCH', body: change }),
    onSuccess: refresh,
  });
}

export function useRevokeKey() {
  const org = useOrg();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (id: string) => request(path`/v1/orgs/${org}/api-keys/${id}`, { method: 'DELETE' }),
    onSuccess: refresh,
  });
}

function useRefresh() {
  const cache = useQueryClient();
  return () => cache.invalidateQueries({ queryKey: KEYS });
}
