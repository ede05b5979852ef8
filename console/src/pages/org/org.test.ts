import { describe, expect, it } from 'vitest';
import { changeOf, fieldsOf } from './fields';
import { nowIn } from './zones';

const org = { id: 'default', name: 'Acme', features: [], products: [], createdAt: '', updatedAt: '' };
const stored = fieldsOf({ ...org, description: 'Rockets', timeZone: null });

describe('what is sent', () => {
  it('is only what differs', () => {
    expect(changeOf(stored, { ...stored, name: ' Acme ' })).toEqual({});
    expect(changeOf(stored, { ...stored, timeZone: 'Europe/Paris ' })).toEqual({ timeZone: 'Europe/Paris' });
  });

  it('clears what was emptied, but never the name', () => {
    expect(changeOf(stored, { name: ' ', description: '', timeZone: '' })).toEqual({ name: '', description: null });
  });
});

it('tells the time in a zone that exists, and nothing about one that does not', () => {
  expect(nowIn('Asia/Tokyo', new Date('2026-11-22T12:00:00Z'))).toMatch(/9/);
  expect([nowIn(''), nowIn('Mars/Olympus')]).toEqual(['', '']);
});
