import { useInfiniteQuery } from '@tanstack/react-query';
import { path, request } from './client';
import { useOrg } from './session';
import type { OrgEvent, Page } from './types';

export interface EventFilter {
  type?: string;
  subject?: string;
}

/** Newest first. What comes after the first read is added live, so nothing here is read twice. */
export function useEventHistory(filter: EventFilter, limit: number) {
  const org = useOrg();
  return useInfiniteQuery({
    queryKey: ['events', filter, limit],
    queryFn: ({ pageParam, signal }) =>
      request<Page<OrgEvent>>(path`/v1/orgs/${org}/events`, {
        query: { ...filter, order: 'desc', limit, before: pageParam || undefined },
        signal,
      }),
    initialPageParam: 0,
    getNextPageParam: (page) => (page.data.length < limit ? undefined : page.data.at(-1)?.seq),
    staleTime: Infinity,
    gcTime: 0,
  });
}

/** Whether a live event passes the same filter that the server applies. */
export function passes(event: OrgEvent, filter: EventFilter): boolean {
  const { type, subject } = filter;
  const typeFits = !type || (type.endsWith('.') ? event.type.startsWith(type) : event.type === type);
  return typeFits && (!subject || event.subject === subject);
}
