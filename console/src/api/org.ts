import { useQuery } from '@tanstack/react-query';
import { path, request } from './client';
import { useOrg } from './session';
import type { Overview } from './types';

export function useOverview() {
  const org = useOrg();
  return useQuery({
    queryKey: ['overview'],
    queryFn: ({ signal }) => request<Overview>(path`/v1/orgs/${org}/overview`, { signal }),
    refetchInterval: 60_000,
  });
}
