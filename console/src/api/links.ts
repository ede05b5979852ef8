import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEvents } from '../live/EventsProvider';
import { changeLinks } from '../live/links';
import { path, request } from './client';
import { useOrg } from './session';
import type { Link, Links, NetworkStats, Page } from './types';

/** How many links one request gives. */
const PAGE = 200;
/** More than this are not shown one by one. */
export const MOST_LINKS = 1000;
/** Links that come and go are told by events; what they carry is looked at this often. */
const LOOK_MS = 5000;
/** Many links are more to read. */
const LOOK_AT_MANY_MS = 20_000;

const LINKS = ['links'] as const;

/** The agents that are connected now, the longest first. Who comes and goes is shown the moment the event is there. */
export function useLinks(isOn = true) {
  const org = useOrg();
  const cache = useQueryClient();
  useEvents((event) => cache.setQueryData<Links>(LINKS, (links) => links && changeLinks(links, event)));
  return useQuery({
    queryKey: LINKS,
    queryFn: ({ signal }) => readLinks(org, signal),
    enabled: isOn,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => ((state.data?.links.length ?? 0) > PAGE ? LOOK_AT_MANY_MS : LOOK_MS),
  });
}

async function readLinks(org: string, signal: AbortSignal): Promise<Links> {
  const byAgent = new Map<string, Link>();
  let pageToken = '';
  do {
    const query = { limit: PAGE, pageToken };
    const page = await request<Page<Link>>(path`/v1/orgs/${org}/links`, { query, signal });
    for (const link of page.data) byAgent.set(link.agentId, link);
    pageToken = page.nextPageToken ?? '';
  } while (pageToken && byAgent.size < MOST_LINKS);
  return { links: [...byAgent.values()], hasMore: pageToken !== '' };
}

export function useNetworkStats() {
  return useQuery({
    queryKey: [...LINKS, 'stats'],
    queryFn: ({ signal }) => request<NetworkStats>('/network/api/agents/stats', { signal }),
    refetchInterval: LOOK_MS,
  });
}
