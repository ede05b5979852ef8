import { describe, expect, it } from 'vitest';
import { ago, duration, elapsed, money, plural } from './format';

const NOW = Date.parse('2026-11-22T12:00:00Z');

describe('times', () => {
  it('are told in their largest whole unit', () => {
    expect(ago('2026-11-22T11:59:40Z', NOW)).toBe('now');
    expect(ago('2026-11-22T11:55:00Z', NOW)).toMatch(/5/);
    expect(ago('2026-11-20T11:55:00Z', NOW)).toMatch(/2/);
    expect(ago('2026-11-22T14:00:00Z', NOW)).toMatch(/2/);
  });

  it('pass in units that fit', () => {
    expect([duration(0.4), duration(999), duration(1234), duration(61_000), duration(7_200_000)]).toEqual([
      '0 ms',
      '999 ms',
      '1.23 s',
      '1 min 1 s',
      '2 h 0 min',
    ]);
  });

  it('run on while something is not finished', () => {
    expect(elapsed('2026-11-22T11:59:58Z', null, NOW)).toBe('2.00 s');
    expect(elapsed('2026-11-22T11:59:58Z', '2026-11-22T11:59:59Z', NOW)).toBe('1.00 s');
    expect(elapsed(null)).toBe('–');
  });
});

it('small sums keep their digits', () => {
  expect([money(0), money(0.00123), money(1.5)]).toEqual(['$0', '$0.0012', '$1.50']);
});

it('one is singular', () => {
  expect([plural(1, 'turn'), plural(0, 'turn')]).toEqual(['1 turn', '0 turns']);
});
