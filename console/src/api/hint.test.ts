import { afterEach, expect, it, vi } from 'vitest';
import { markSignedIn, mayBeSignedIn } from './hint';

afterEach(() => vi.unstubAllGlobals());

function storage(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

it('who has not signed in here is not asked for', () => {
  vi.stubGlobal('localStorage', storage());
  expect(mayBeSignedIn()).toBe(false);
  markSignedIn(true);
  expect(mayBeSignedIn()).toBe(true);
  markSignedIn(false);
  expect(mayBeSignedIn()).toBe(false);
});

it('without storage the server is asked', () => {
  vi.stubGlobal('localStorage', undefined);
  markSignedIn(false);
  expect(mayBeSignedIn()).toBe(true);
});
