import { describe, expect, it } from 'vitest';
import { parseRefusal, path, queryString } from './client';

describe('parseRefusal', () => {
  it('reads the hosting envelope', () => {
    const error = { code: 'INVALID_REQUEST', message: 'bad', details: { field: 'name', reason: 'is taken' } };
    expect(parseRefusal({ success: false, error }, 400)).toEqual({
      message: 'bad',
      code: 'INVALID_REQUEST',
      fields: { name: 'is taken' },
    });
  });

  it('reads the flat body of orgs', () => {
    expect(parseRefusal({ statusCode: 400, code: 'invalid', message: 'too short', field: 'password' }, 400)).toEqual({
      message: 'too short',
      code: 'invalid',
      fields: { password: 'too short' },
    });
  });

  it('reads the details of mission', () => {
    expect(parseRefusal({ error: 'Validation failed', details: ['name: is required'] }, 400)).toEqual({
      message: 'Validation failed: name: is required',
      code: '',
      fields: { name: 'is required' },
    });
  });

  it('says something about anything else', () => {
    expect(parseRefusal(null, 502).message).toContain('502');
    expect(parseRefusal('text', 500).message).toContain('500');
  });
});

it('ids are escaped in paths', () => {
  expect(path`/v1/agent/${'a/b'}/messages/${'?'}`).toBe('/v1/agent/a%2Fb/messages/%3F');
});

it('empty values are left out of a query', () => {
  expect(queryString({ a: '', b: undefined, c: 0, d: 'x y' })).toBe('?c=0&d=x+y');
});
