import { useEffect, useRef, useState } from 'react';
import type { Link } from '../../api/types';
import { useEvents } from '../../live/EventsProvider';
import { agentOf } from '../../live/stale';
import { traffic } from './map';

/** How often each agent was seen doing something: by events at once, by its bytes when they are next looked at. */
export function usePulses(links: Link[]): ReadonlyMap<string, number> {
  const [pulses, setPulses] = useState<ReadonlyMap<string, number>>(new Map());
  const carried = useRef<ReadonlyMap<string, number>>(new Map());

  const beat = (agents: string[]) => {
    if (agents.length === 0) return;
    setPulses((before) => {
      const after = new Map(before);
      for (const agent of agents) after.set(agent, (after.get(agent) ?? 0) + 1);
      return after;
    });
  };

  useEvents((event) => {
    const agent = agentOf(event);
    if (links.some((link) => link.agentId === agent)) beat([agent]);
  });
  useEffect(() => {
    const moved = links.filter((link) => {
      const before = carried.current.get(link.agentId);
      return before !== undefined && traffic(link) > before;
    });
    carried.current = new Map(links.map((link) => [link.agentId, traffic(link)]));
    beat(moved.map((link) => link.agentId));
  }, [links]);
  return pulses;
}
