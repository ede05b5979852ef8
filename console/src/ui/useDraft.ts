import { useEffect, useState } from 'react';
import { equal } from '../text/merge';
import { drop, keep, readKept } from './kept';

interface Kept<T> {
  base: T;
  draft: T;
}

/**
 * What a form holds while it differs from what is stored.
 *
 * A change that someone else makes meanwhile goes into a form that was not touched; a touched one keeps what was typed,
 * and `hasMoved` says that what it began from is no longer what is stored. With `keepAs`, a touched form also survives
 * a reload.
 */
export function useDraft<T extends object>(stored: T, keepAs = '') {
  const [{ base, draft }, setState] = useState<Kept<T>>(
    () => (keepAs && readKept<Kept<T>>(keepAs)) || { base: stored, draft: stored },
  );
  const isDirty = !equal(base, draft);
  const isStale = !equal(base, stored);
  const begin = (from: T) => setState({ base: from, draft: from });

  useEffect(() => {
    if (!isDirty && isStale) begin(stored);
  }, [isDirty, isStale, stored]);
  useEffect(() => {
    if (!keepAs) return;
    if (isDirty) keep(keepAs, { base, draft });
    else drop(keepAs);
  }, [keepAs, isDirty, base, draft]);

  return {
    base,
    draft,
    isDirty,
    hasMoved: isDirty && isStale && !equal(draft, stored),
    set: (change: Partial<T>) => setState((before) => ({ ...before, draft: { ...before.draft, ...change } })),
    begin,
    /** `sent` was saved and is now `from`; what was typed in the meantime stays. */
    saved: (sent: T, from: T = sent) =>
      setState((before) => ({ base: from, draft: equal(before.draft, sent) ? from : before.draft })),
  };
}
