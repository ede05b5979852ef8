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

/** The API takes all of them at once, so a change is made to those that have it now. */
export function useChangeGrants(id: string) {
  const org = useOrg();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async ({ add, remove }: { add?: string; remove?: string }) => {
      const url = path`/v1/orgs/${org}/connectors/${id}/grants`;
      const before = (await request<Page<Grant>>(url)).data.map((grant) => grant.id);
      const agents = [...before.filter((each) => each !== remove && each !== add), ...(add ? [add] : [])];
      return request<Page<Grant>>(url, { method: 'PUT', body: { agents } });
    },
    onSuccess: (stored) => cache.setQueryData(grantsKey(id), stored),
  });
}
