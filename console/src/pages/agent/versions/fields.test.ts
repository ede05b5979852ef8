import { describe, expect, it } from 'vitest';
import type { Version } from '../../../api/types';
import { nameOfField, nameOfPlace, textOf, whatChanged } from './fields';

const version: Version = { version: 3, createdAt: '', actor: { kind: 'user', id: 'u', name: 'admin' } };

describe('what a version changed', () => {
  it('is told in words', () => {
    expect(whatChanged({ ...version, fields: ['personality', 'systemPrompt'] })).toBe('soul, system prompt');
    expect(whatChanged({ ...version, fields: ['personality'], restored: 1 })).toBe('back to version 1');
  });

  it('is told even where it is not known', () => {
    expect([whatChanged(version), whatChanged({ ...version, version: 1, fields: [] })]).toEqual(['changed', 'made']);
  });
});

it('places are named by the fields on the way', () => {
  expect(nameOfPlace('/personality')).toBe('soul');
  expect(nameOfPlace('/configuration/timeout_seconds')).toBe('configuration: timeout seconds');
  expect(nameOfPlace('/config/a~1b')).toBe('config: a/b');
  expect(nameOfField('warmthWindowMs')).toBe('idle time before sleep');
});

it('a value is text, JSON or nothing', () => {
  expect([textOf('a\nb'), textOf({ a: 1 })]).toEqual(['a\nb', '{\n  "a": 1\n}']);
  expect([textOf(null), textOf(undefined), textOf({}), textOf([])]).toEqual(['', '', '', '']);
});
