import { describe, expect, it } from 'vitest';
import { draftOf, gistOf, valueOf, withEntry, without } from './entry';

const memory = { goal: 'ship it', seen: { prs: [1, 2] }, tries: 3 };

describe('an entry in a form', () => {
  it('is text as it stands, and anything else as JSON', () => {
    expect(draftOf('goal', memory.goal)).toEqual({ name: 'goal', kind: 'text', text: 'ship it' });
    expect(draftOf('tries', memory.tries)).toEqual({ name: 'tries', kind: 'json', text: '3' });
  });

  it('comes back as the value that it was', () => {
    for (const [name, value] of Object.entries(memory)) expect(valueOf(draftOf(name, value))).toEqual({ value });
  });

  it('keeps text that looks like JSON as text', () => {
    expect(valueOf({ name: 'a', kind: 'text', text: '{"b":1}' })).toEqual({ value: '{"b":1}' });
  });

  it('says what is wrong with JSON that is none', () => {
    expect(valueOf({ name: 'a', kind: 'json', text: '{' })).toHaveProperty('problem');
  });
});

describe('a change of the memory', () => {
  it('leaves the other entries as they are', () => {
    expect(withEntry(memory, '', 'new', 1)).toEqual({ ...memory, new: 1 });
    expect(without(memory, 'goal')).toEqual({ seen: memory.seen, tries: 3 });
  });

  it('moves an entry that got another name', () => {
    expect(withEntry(memory, 'tries', 'attempts', 4)).toEqual({ goal: 'ship it', seen: memory.seen, attempts: 4 });
  });
});

it('a long value is told by its beginning', () => {
  expect(gistOf('x'.repeat(500))).toHaveLength(160);
  expect(gistOf({ a: [1] })).toBe('{"a":[1]}');
});
