import { describe, expect, it } from 'vitest';
import { draftOf, fieldsOf, movedPlace, patchOf, settingsOf, splitStored, type Schema } from './schema';

const SCHEMA: Schema = {
  type: 'object',
  'x-order': ['host', 'port', 'tls', 'mode', 'schemas', 'password', 'ca', 'labels'],
  required: ['host', 'password'],
  properties: {
    port: { type: 'integer', title: 'Port', minimum: 1, maximum: 65535, default: 5432, 'x-place': true },
    host: { type: 'string', title: 'Host', pattern: '^[^\\s/]+$', 'x-place': true },
    password: { type: 'string', title: 'Password', writeOnly: true },
    tls: { type: 'boolean', title: 'TLS', default: true },
    mode: { type: 'string', enum: ['read', 'follow'], default: 'read' },
    schemas: { type: 'array', items: { type: 'string' } },
    ca: { type: 'string', maxLength: 100_000 },
    labels: { type: 'object' },
  },
};
const FIELDS = fieldsOf(SCHEMA);

it('fields come in the order of the form, each of a kind', () => {
  expect(FIELDS.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
    'host text',
    'port number',
    'tls switch',
    'mode choice',
    'schemas list',
    'password secret',
    'ca long',
    'labels json',
  ]);
});

describe('what is sent', () => {
  it('leaves out what is empty, so that the server chooses', () => {
    const draft = { ...draftOf(FIELDS), host: ' db.example.com ', password: 'p w ' };
    expect(settingsOf(FIELDS, draft)).toEqual({
      settings: { host: 'db.example.com', tls: true, mode: 'read', password: 'p w ' },
      problems: {},
    });
  });

  it('says by field what is wrong', () => {
    const draft = { ...draftOf(FIELDS), host: 'a b', port: '70000', labels: '{' };
    const { problems } = settingsOf(FIELDS, draft);
    expect(Object.keys(problems).sort()).toEqual(['host', 'labels', 'password', 'port']);
  });

  it('keeps a stored secret, replaces it or forgets it', () => {
    const draft = { ...draftOf(FIELDS, { host: 'db' }) };
    expect(settingsOf(FIELDS, draft, ['password'])).toMatchObject({ problems: {} });
    expect(settingsOf(FIELDS, draft, ['password']).settings).not.toHaveProperty('password');
    expect(settingsOf(FIELDS, { ...draft, password: 'new' }, ['password']).settings['password']).toBe('new');
    const forgotten = settingsOf(FIELDS, { ...draft, password: null }, ['password']);
    expect(forgotten.settings['password']).toBeNull();
    expect(forgotten.problems).toEqual({ password: 'This is required.' });
  });

  it('keeps no stored secret when it would be sent to another place', () => {
    const stored = { host: 'db', port: 5432 };
    const draft = draftOf(FIELDS, stored);
    expect(movedPlace(FIELDS, stored, draft)).toBeUndefined();
    expect(movedPlace(FIELDS, stored, { ...draft, port: '' })).toBeUndefined();
    expect(movedPlace(FIELDS, stored, { ...draft, port: '5433' })?.name).toBe('port');

    const elsewhere = { ...draft, host: 'other' };
    const moved = movedPlace(FIELDS, stored, elsewhere);
    expect(moved?.name).toBe('host');
    expect(settingsOf(FIELDS, elsewhere, ['password'], moved).problems['password']).toMatch(/^Enter it again: “Host”/);
    expect(settingsOf(FIELDS, { ...elsewhere, password: 'new' }, ['password'], moved).problems).toEqual({});
  });

  it('a slash at the end of a URL leads nowhere else', () => {
    const url = fieldsOf({ properties: { url: { type: 'string', 'x-place': true } } });
    const stored = { url: 'https://a.example.com' };
    expect(movedPlace(url, stored, { url: 'https://a.example.com/' })).toBeUndefined();
    expect(movedPlace(url, stored, { url: 'https://b.example.com' })?.name).toBe('url');
  });

  it('what is stored comes back the same', () => {
    const stored = { host: 'db', port: 1, tls: false, mode: 'follow', schemas: ['a', 'b'], labels: { a: 1 } };
    expect(settingsOf(FIELDS, draftOf(FIELDS, stored), ['password']).settings).toEqual(stored);
  });

  it('of what is stored, only the difference is sent', () => {
    const stored = { host: 'db', port: 1, labels: { a: 1, b: 2 } };
    expect(patchOf(stored, { host: 'db', labels: { a: 1 }, password: 'new' })).toEqual({
      port: null,
      labels: { a: 1 },
      password: 'new',
    });
    expect(patchOf(stored, stored)).toEqual({});
  });

  it('what is redacted is a secret that is set', () => {
    const password = { redacted: true, set: true, updatedAt: '2026-01-01T00:00:00Z' };
    expect(splitStored({ host: 'db', password })).toEqual({ plain: { host: 'db' }, secrets: ['password'] });
  });
});
