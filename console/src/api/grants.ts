import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { path, request } from './client';
import { useOrg } from './session';
import type { Grant, Page } from './types';

const grantsKey = (id: string) => ['connector', id, 'grants'] as const;

/** The agents that have the connector as a tool. */
export function useGrants(id: string) {
  const org = useOrg();
  return useQuery({
    queryKey: grantsKey(id),
    queryFn: ({ signal }) => request<Page<Grant>>(path`/v1/orgs/${org}/connectors/${id}/grants`, { signal }),
  });
}

export function useGrant(id: string) {
  const org = useOrg();
  const refresh = useRefresh(id);
  return useMutation({
    mutationFn: (agentId: string) =>
      request(path`/v1/orgs/${org}/connectors/${id}/grants/${agentId}`, { method: 'PUT', body: {} }),
    onSuccess: refresh,
  });
}

export function useRevokeGrant(id: string) {
  const org = useOrg();
  const refresh = useRefresh(id);
  return useMutation({
    mutationFn: (agentId: string) =>
      request(path`/v1/orgs/${org}/connectors/${id}/grants/${agentId}`, { method: 'DELETE' }),
    onSuccess: refresh,
  });
}

function useRefresh(id: string) {
  const cache = useQueryClient();
  return () => cache.invalidateQueries({ queryKey: grantsKey(id) });
}
