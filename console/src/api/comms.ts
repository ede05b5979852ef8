import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { request } from './client';
import type { Comms, CommsGraph, CommsMessage, Letter, LetterSent } from './types';

const PAGE = 100;
/** Where the API stops counting; what comes after cannot be reached by its place. */
const MOST_COUNTED = 100_000;
/** How far back the history is looked at, in seconds, when there is too much of it; 0 is all of it. */
const WINDOWS = [0, 30 * 86_400, 86_400, 3600];

/** A part of the history, which the API counts from the oldest message on: it ends before the message at `end`. */
interface Place {
  end: number;
  since: number;
}

export interface CommsPage {
  messages: CommsMessage[];
  graph: CommsGraph;
  start: number;
  since: number;
}

/** What agents wrote to each other, the latest first; older pages are fetched on request. */
export function useComms(agent: string) {
  return useInfiniteQuery({
    queryKey: ['comms', agent],
    queryFn: async ({ pageParam, signal }) => readBefore(agent, pageParam ?? (await findEnd(agent, signal)), signal),
    initialPageParam: null as Place | null,
    getNextPageParam: ({ start, since }) => (start > 0 ? { end: start, since } : undefined),
  });
}

async function findEnd(agent: string, signal: AbortSignal): Promise<Place> {
  const now = Math.floor(Date.now() / 1000);
  let place: Place = { end: 0, since: 0 };
  for (const window of WINDOWS) {
    const since = window && now - window;
    const { total } = await readComms({ agent, since: since || undefined, limit: 1 }, signal);
    place = { end: total, since };
    if (total < MOST_COUNTED) break;
  }
  return place;
}

async function readBefore(agent: string, { end, since }: Place, signal: AbortSignal): Promise<CommsPage> {
  const start = Math.max(0, end - PAGE);
  const query = { agent, since: since || undefined, offset: start, limit: Math.max(1, end - start) };
  const { messages, graph } = await readComms(query, signal);
  return { messages, graph, start, since };
}

type CommsQuery = { agent: string; since?: number | undefined; offset?: number; limit: number };

function readComms(query: CommsQuery, signal: AbortSignal): Promise<Comms> {
  return request<Comms>('/api/agents/comms', { query, signal });
}

/** Oldest first, each message once. */
export function messagesOf(data: InfiniteData<CommsPage, unknown> | undefined): CommsMessage[] {
  const byId = new Map<number, CommsMessage>();
  for (const page of data?.pages ?? []) {
    for (const message of page.messages) byId.set(message.id, message);
  }
  return [...byId.values()].sort((a, b) => a.created_at - b.created_at || a.id - b.id);
}

/** Who talks to whom, and how much. */
export function useCommsGraph(agent: string) {
  return useQuery({
    queryKey: ['comms', 'graph', agent],
    queryFn: async ({ signal }) => (await readComms({ agent, limit: 1 }, signal)).graph,
  });
}

export function useSendLetter() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: Letter) => request<LetterSent>('/api/agents/message', { method: 'POST', body }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['comms'] }),
  });
}
