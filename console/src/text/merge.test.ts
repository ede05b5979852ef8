import { describe, expect, it } from 'vitest';
import { changes, mergeBoth, parseObject } from './merge';

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

describe('mergeBoth', () => {
  const base = { kept: 1, mine: 1, theirs: 1, gone: { a: 1 } };

  it('keeps what either has changed, added or taken away', () => {
    const mine = { kept: 1, mine: 2, theirs: 1, gone: { a: 1 }, new: 'me' };
    const theirs = { kept: 1, mine: 1, theirs: 2, added: 'them' };
    expect(mergeBoth(base, mine, theirs)).toEqual({
      merged: { kept: 1, mine: 2, theirs: 2, added: 'them', new: 'me' },
      conflicts: [],
    });
  });

  it('names what both have changed, unless to the same', () => {
    const mine = { kept: 2, mine: 2, theirs: 1 };
    const theirs = { kept: 2, mine: 3, theirs: 1, gone: { a: 2 } };
    const { merged, conflicts } = mergeBoth(base, mine, theirs);
    expect(conflicts).toEqual(['mine', 'gone']);
    expect(merged).toEqual({ kept: 2, mine: 2, theirs: 1 });
  });

  it('two new values of one name are a conflict', () => {
    expect(mergeBoth({}, { a: 1 }, { a: 2 }).conflicts).toEqual(['a']);
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
