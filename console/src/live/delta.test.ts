import { describe, expect, it } from 'vitest';
import { applyDelta, countScalars, EMPTY, type Delta } from './delta';

const apply = (...deltas: Delta[]) => deltas.reduce(applyDelta, EMPTY);

describe('applyDelta', () => {
  it('appends what comes in order', () => {
    expect(apply({ text: 'Hel', offset: 0 }, { text: 'lo', offset: 3 })).toEqual({ text: 'Hello', length: 5 });
  });

  it('counts offsets in characters, not in UTF-16 units', () => {
    expect(apply({ text: '🚀🚀', offset: 0 }, { text: 'ok', offset: 2 }).text).toBe('🚀🚀ok');
    expect(apply({ text: 'a🚀b', offset: 0 }, { text: 'X', offset: 2 })).toEqual({ text: 'a🚀X', length: 3 });
  });

  it('ends the same when a stream is replayed', () => {
    const deltas = [
      { text: 'one 🚀 ', offset: 0 },
      { text: 'two ', offset: 6 },
      { text: 'three', offset: 10 },
    ];
    const once = apply(...deltas);
    expect(once.text).toBe('one 🚀 two three');
    expect(apply(...deltas, ...deltas)).toEqual(once);
  });

  it('makes way for a text that takes another course', () => {
    expect(apply({ text: 'one two three', offset: 0 }, { text: '2', offset: 4 })).toEqual({ text: 'one 2', length: 5 });
  });

  it('forgets what came before a reset', () => {
    expect(apply({ text: 'wrong way', offset: 0 }, { text: 'right', offset: 0, reset: true })).toEqual({
      text: 'right',
      length: 5,
    });
  });

  it('keeps the text of a delta that comes after a gap', () => {
    expect(apply({ text: 'a', offset: 0 }, { text: 'z', offset: 9 }).text).toBe('az');
  });
});

it('counts scalar values', () => {
  expect([countScalars(''), countScalars('ab'), countScalars('👩‍🚀')]).toEqual([0, 2, 3]);
});
