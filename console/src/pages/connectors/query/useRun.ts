import { useEffect, useRef } from 'react';
import { useAsk } from '../../../api/connectors';
import type { QueryBody } from '../../../api/types';

/** One question at a time; asking again, cancelling and leaving the page give up the one before. */
export function useRun(id: string) {
  const ask = useAsk(id);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const cancel = () => {
    running.current?.abort();
    ask.reset();
  };
  return {
    answer: ask.data,
    asked: ask.variables?.body,
    error: ask.error,
    isIdle: ask.isIdle,
    isPending: ask.isPending,
    cancel,
    start: (body: QueryBody) => {
      running.current?.abort();
      running.current = new AbortController();
      ask.mutate({ body, signal: running.current.signal });
    },
  };
}

export type Run = ReturnType<typeof useRun>;
