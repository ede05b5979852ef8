import { expect, it } from 'vitest';
import { bodyOf, gistOf, remembering, valueOf } from './useQueryDraft';

it('parameters are JSON where they look like it, else text', () => {
  const given = ['1', '-2.5', 'true', 'null', '[1]', '{"a":1}', '"5"', '#general', '2024-01-01', 'true story', '[x'];
  expect(given.map(valueOf)).toEqual([
    1,
    -2.5,
    true,
    null,
    [1],
    { a: 1 },
    '5',
    '#general',
    '2024-01-01',
    'true story',
    '[x',
  ]);
});

it('a parameter without a name is not sent', () => {
  const params = [
    { name: ' channel ', text: '#general' },
    { name: '', text: 'x' },
  ];
  expect(bodyOf({ resource: ' messages/list ', query: '', params, limit: 5 })).toEqual({
    resource: 'messages/list',
    query: '',
    limit: 5,
    params: { channel: '#general' },
  });
  expect(bodyOf({ resource: 'a', query: 'b', params: [], limit: 5 })).toEqual({ resource: 'a', query: 'b', limit: 5 });
});

it('questions are remembered once, the newest first', () => {
  const [a, b] = ['select 1', 'select 2'].map((query) => ({ resource: '', query, params: [], limit: 5 }));
  expect(remembering(remembering(remembering([], a!), b!), a!)).toEqual([a, b]);
  expect(gistOf({ resource: 'orders', query: 'select\n 1', params: [{ name: 'n', text: '2' }], limit: 5 })).toBe(
    'orders · select 1 · n=2',
  );
});
