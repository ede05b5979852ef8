import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { path, request } from './client';
import type { Page, Version, VersionInFull } from './types';
import { useOrg } from './session';

/** The versions of the agent's definition, newest first. */
export function useVersions(agentId: string) {
  const org = useOrg();
  return useInfiniteQuery({
    queryKey: ['agent', agentId, 'versions'],
    queryFn: ({ pageParam, signal }) =>
      request<Page<Version>>(path`/v1/orgs/${org}/agents/${agentId}/versions`, {
        query: { limit: 30, pageToken: pageParam },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextPageToken || undefined,
  });
}

/** A version, and how it differs from `against` unless that is 0. Versions never change, so each is read once. */
export function useVersion(agentId: string, version: number, against = 0) {
  const org = useOrg();
  return useQuery({
    queryKey: ['version', agentId, version, against],
    queryFn: ({ signal }) =>
      request<VersionInFull>(path`/v1/orgs/${org}/agents/${agentId}/versions/${String(version)}`, {
        query: { against: against || undefined },
        signal,
      }),
    staleTime: Infinity,
  });
}

/** Makes a new version that is like an old one. */
export function useRestoreVersion(agentId: string) {
  const org = useOrg();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (version: number) =>
      request(path`/v1/orgs/${org}/agents/${agentId}/versions/${String(version)}/_restore`, {
        method: 'POST',
        body: {},
      }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['agent', agentId] }),
  });
}
