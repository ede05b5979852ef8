// The org's events, live: one connection for the whole window, shared by everything that wants to know.
import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useOrg } from '../api/session';
import type { OrgEvent } from '../api/types';
import { EventFeed, type FeedState } from './feed';
import { Refresher } from './refresher';
import { staleAfter } from './stale';

interface Live {
  feed: EventFeed;
  state: FeedState;
}

const LiveContext = createContext<Live | null>(null);

export function EventsProvider({ children }: { children: ReactNode }) {
  const org = useOrg();
  const cache = useQueryClient();
  const [state, setState] = useState<FeedState>('connecting');
  const feed = useMemo(() => new EventFeed(org), [org]);

  useEffect(() => {
    const refresher = new Refresher((queryKey) => void cache.invalidateQueries({ queryKey }));
    const stopListening = feed.listen((event) => staleAfter(event).forEach((key) => refresher.add(key)));
    const stopFeed = feed.start(setState, () => void cache.invalidateQueries());
    return () => {
      stopFeed();
      stopListening();
      refresher.stop();
    };
  }, [feed, cache]);

  const live = useMemo(() => ({ feed, state }), [feed, state]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

export function useFeedState(): FeedState {
  return useLive().state;
}

/** Calls `listener` for every event of the org while the component is shown. */
export function useEvents(listener: (event: OrgEvent) => void): void {
  const { feed } = useLive();
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => feed.listen((event) => latest.current(event)), [feed]);
}

function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error('events are only followed behind the login');
  return live;
}
