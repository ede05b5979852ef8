import { useLayoutEffect, useRef, useState } from 'react';

const NEAR_PX = 80;

/** Keeps the newest text in view as long as the reader has not scrolled away from it. */
export function useStickToBottom(...contents: unknown[]) {
  const box = useRef<HTMLDivElement>(null);
  const sticks = useRef(true);
  const heightBefore = useRef(0);
  const [isAway, setAway] = useState(false);

  useLayoutEffect(() => {
    const log = box.current;
    if (!log) return;
    if (heightBefore.current) {
      log.scrollTop += log.scrollHeight - heightBefore.current;
      heightBefore.current = 0;
    } else if (sticks.current) {
      log.scrollTop = log.scrollHeight;
    }
  }, contents);

  // What is read later (tool calls, for example) makes the log grow without a new message.
  useLayoutEffect(() => {
    const log = box.current;
    if (!log) return;
    const watch = new ResizeObserver(() => {
      if (sticks.current) log.scrollTop = log.scrollHeight;
    });
    for (const child of log.children) watch.observe(child);
    watch.observe(log);
    return () => watch.disconnect();
  }, contents);

  return {
    box,
    isAway,
    onScroll: () => {
      const log = box.current;
      if (!log) return;
      sticks.current = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_PX;
      setAway(!sticks.current);
    },
    /** Something in the log is being unfolded: it must not slip away from under the pointer. */
    letGo: () => {
      sticks.current = false;
    },
    toEnd: () => {
      sticks.current = true;
      box.current?.scrollTo({ top: box.current.scrollHeight });
    },
    /** Older messages come in above; what is being read stays where it is. */
    keepPlace: (load: () => Promise<unknown>) => {
      heightBefore.current = box.current?.scrollHeight ?? 0;
      void load().catch(() => (heightBefore.current = 0));
    },
  };
}
