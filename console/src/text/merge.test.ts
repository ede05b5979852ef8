import { describe, expect, it } from 'vitest';
import { changes, parseObject } from './merge';

describe('changes', () => {
  it('sends what differs and clears what is gone', () => {
    const before = { same: { a: [1, 2] }, gone: 1, other: 'x' };
    expect(changes(before, { same: { a: [1, 2] }, other: 'y', added: true })).toEqual({
      gone: null,
      other: 'y',
      added: true,
    });
  });

  it('goes into objects, but sends arrays whole', () => {
    const before = { webhooks: { a: 'x', b: 'y' }, list: [1, 2] };
    expect(changes(before, { webhooks: { a: 'x' }, list: [1] })).toEqual({ webhooks: { b: null }, list: [1] });
  });

  it('sends nothing when nothing differs', () => {
    expect(changes({ a: { b: null } }, { a: { b: null } })).toEqual({});
  });
});

describe('parseObject', () => {
  it('takes an object or nothing', () => {
    expect(parseObject(' ')).toEqual({ value: {} });
    expect(parseObject('{"a":1}')).toEqual({ value: { a: 1 } });
  });

  it('says what is wrong with anything else', () => {
    expect(parseObject('[1]')).toHaveProperty('problem');
    expect(parseObject('{')).toHaveProperty('problem');
  });
});
