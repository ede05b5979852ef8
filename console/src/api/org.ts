import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { path, request } from './client';
import { ME, useOrg } from './session';
import type { Org, OrgChange, Overview } from './types';

const ORG = ['org'] as const;

export function useOverview() {
  const org = useOrg();
  return useQuery({
    queryKey: ['overview'],
    queryFn: ({ signal }) => request<Overview>(path`/v1/orgs/${org}/overview`, { signal }),
    refetchInterval: 60_000,
  });
}

/** The org's name, description and time zone. */
export function useOrgFacts() {
  const org = useOrg();
  return useQuery({
    queryKey: ORG,
    queryFn: ({ signal }) => request<Org>(path`/v1/orgs/${org}`, { signal }),
  });
}

export function useUpdateOrg() {
  const org = useOrg();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: OrgChange) => request<Org>(path`/v1/orgs/${org}`, { method: 'PATCH', body }),
    onSuccess: (stored) => {
      cache.setQueryData(ORG, stored);
      void cache.invalidateQueries({ queryKey: ME });
    },
  });
}
