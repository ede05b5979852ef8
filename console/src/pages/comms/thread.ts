// Messages between agents, put together as people read them: by day, then by the two who talk.
import type { CommsMessage } from '../../api/types';
import { fromUnix, sameDay } from '../../text/format';

export interface Exchange {
  pair: readonly [string, string];
  /** Oldest first. */
  messages: CommsMessage[];
}

export interface Day {
  /** A moment of it. */
  at: string;
  exchanges: Exchange[];
}

/** The latest day first, and on each day the pair that talked last; the messages of a pair in their order. */
export function daysOf(messages: CommsMessage[]): Day[] {
  const days: Day[] = [];
  for (const message of [...messages].reverse()) {
    const at = fromUnix(message.created_at);
    let day = days.at(-1);
    if (!day || !sameDay(day.at, at)) days.push((day = { at, exchanges: [] }));
    const pair = pairOf(message);
    const known = day.exchanges.find((each) => each.pair[0] === pair[0] && each.pair[1] === pair[1]);
    if (known) known.messages.unshift(message);
    else day.exchanges.push({ pair, messages: [message] });
  }
  return days;
}

/** The same for both directions. */
export function pairOf(message: Pick<CommsMessage, 'from' | 'to'>): readonly [string, string] {
  return message.from <= message.to ? [message.from, message.to] : [message.to, message.from];
}

const PLAIN: ReadonlySet<string> = new Set(['', 'text', 'message']);

/** Whether the kind of a message says more than that it is one. */
export function saysMore(type: string): boolean {
  return !PLAIN.has(type);
}
