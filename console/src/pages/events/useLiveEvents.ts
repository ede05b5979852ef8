import { useEffect, useMemo, useRef, useState } from 'react';
import { passes, useEventHistory, type EventFilter } from '../../api/events';
import type { OrgEvent } from '../../api/types';
import { useEvents } from '../../live/EventsProvider';

/** How many live events are kept; older ones can be loaded from the log again. */
const KEPT = 1000;
/** Bursts are shown together, so that the page stays calm. */
const SHOW_EVERY_MS = 200;

/** The log, newest first, with live events added on top as they come. */
export function useLiveEvents(filter: EventFilter, limit: number, held = false) {
  const history = useEventHistory(filter, limit);
  const [fresh, setFresh] = useState<OrgEvent[]>([]);
  const waiting = useRef<OrgEvent[]>([]);
  const timer = useRef(0);
  const [waitingCount, setWaitingCount] = useState(0);
  const key = `${filter.type ?? ''} ${filter.subject ?? ''}`;

  useEffect(() => {
    waiting.current = [];
    setFresh([]);
    setWaitingCount(0);
  }, [key]);

  const show = () => {
    timer.current = 0;
    const added = waiting.current.splice(0).reverse();
    if (added.length > 0) setFresh((shown) => [...added, ...shown].slice(0, KEPT));
    setWaitingCount(0);
  };

  useEvents((event) => {
    if (!passes(event, filter)) return;
    waiting.current.push(event);
    if (waiting.current.length > KEPT) waiting.current.shift();
    if (timer.current) return;
    timer.current = window.setTimeout(() => {
      timer.current = 0;
      if (heldNow.current) setWaitingCount(waiting.current.length);
      else show();
    }, SHOW_EVERY_MS);
  });

  const heldNow = useRef(held);
  useEffect(() => {
    heldNow.current = held;
    if (!held) show();
  }, [held]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const events = useMemo(
    () => merge(fresh, history.data?.pages.flatMap((page) => page.data) ?? []),
    [fresh, history.data],
  );
  return { history, events, freshCount: fresh.length, waitingCount };
}

export type LiveEvents = ReturnType<typeof useLiveEvents>;

function merge(fresh: OrgEvent[], old: OrgEvent[]): OrgEvent[] {
  const known = new Set(old.map((event) => event.seq));
  return [...fresh.filter((event) => !known.has(event.seq)), ...old].sort((a, b) => b.seq - a.seq);
}
