import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Refresher } from './refresher';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('a burst of events reads each thing again once, costly ones later', () => {
  const read: string[] = [];
  const refresher = new Refresher((key) => read.push(String(key[0])));
  for (let event = 0; event < 100; event += 1) {
    refresher.add(['overview']);
    refresher.add(['agent', 'a']);
  }
  vi.advanceTimersByTime(500);
  expect(read).toEqual(['agent']);
  vi.advanceTimersByTime(2000);
  expect(read).toEqual(['agent', 'overview']);
  refresher.add(['turns']);
  refresher.stop();
  vi.advanceTimersByTime(9000);
  expect(read).toHaveLength(2);
});
