// Follows the turn of the conversation that runs or comes next, one at a time: browsers have few connections.
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { messagesKey } from '../../../api/messages';
import type { Message } from '../../../api/types';
import { useEvents } from '../../../live/EventsProvider';
import { followTurn } from '../../../live/follow';
import { agentOf, conversationOf } from '../../../live/stale';
import { advance, waiting, type LiveTurn } from '../../../live/turn';

interface Target {
  messageId: string;
  first?: Response;
  controller: AbortController;
}

interface Following {
  agentId: string;
  conversationId: string;
  messages: Message[];
  keep: (message: Message) => void;
}

/** Text comes in small pieces; it is drawn at most this often. */
const DRAW_EVERY_MS = 40;

const STARTS_AGAIN = new Set(['turn.started', 'turn.requeued', 'turn.retried']);

export function useFollow({ agentId, conversationId, messages, keep }: Following) {
  const cache = useQueryClient();
  const [target, setTarget] = useState<Target | null>(null);
  const [live, setLive] = useState<LiveTurn | null>(null);
  // Messages whose stream has ended although they still wait, for want of balance for example.
  const ended = useRef(new Set<string>());

  useEvents((event) => {
    const isElsewhere = agentOf(event) !== agentId || ![conversationId, ''].includes(conversationOf(event));
    if (STARTS_AGAIN.has(event.type) && !isElsewhere) ended.current.clear();
  });

  useEffect(() => {
    if (target) return;
    const messageId = nextToFollow(messages, ended.current);
    if (messageId) setTarget({ messageId, controller: new AbortController() });
  }, [messages, target]);

  useEffect(() => {
    if (!target) return;
    let timer = 0;
    let turn = waiting(target.messageId);
    const draw = () => {
      timer = 0;
      setLive(turn);
    };
    const run = async () => {
      for await (const event of followTurn({ agentId, ...target, signal: target.controller.signal })) {
        if (event.type === 'message.accepted') keep(event.data);
        turn = advance(turn, event);
        timer ||= window.setTimeout(draw, DRAW_EVERY_MS);
      }
    };
    const finish = async () => {
      if (target.controller.signal.aborted) return;
      clearTimeout(timer);
      if (turn.messageId) ended.current.add(turn.messageId);
      if (turn.message) keep({ ...turn.message, turn_id: turn.turnId });
      setLive(turn.phase === 'failed' ? turn : null);
      await cache.invalidateQueries({ queryKey: messagesKey(agentId, conversationId) });
      setTarget(null);
    };
    draw();
    void run()
      .catch(() => undefined)
      .then(finish);
    return () => {
      clearTimeout(timer);
      target.controller.abort();
    };
  }, [target, agentId, conversationId, cache, keep]);

  const followNew = useCallback((first: Response, controller: AbortController) => {
    setTarget((current) => {
      if (!current) return { messageId: '', first, controller };
      // Something else is followed already; the stored message gets its turn from the history.
      controller.abort();
      return current;
    });
  }, []);

  return { live, isFollowing: target !== null, followNew };
}

/** The message that is being answered, else the one that is first in the queue. */
export function nextToFollow(messages: Message[], ended: ReadonlySet<string>): string {
  const open = messages.filter((each) => each.role === 'user' && isOpen(each) && !ended.has(each.id));
  const next = open.find((each) => each.status === 'processing') ?? open[0];
  return next?.id ?? '';
}

function isOpen(message: Message): boolean {
  return message.status === 'pending' || message.status === 'processing';
}
