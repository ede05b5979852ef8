import { describe, expect, it } from 'vitest';
import type { Answer } from '../api/types';
import { tableOf, toCsv, toJson, wholeRow } from './table';

const ROWS: Answer = {
  columns: ['id', 'name'],
  rows: [
    [1, 'plain'],
    [2, 'with "quotes", and\nlines'],
    [3, null],
  ],
  rowCount: 3,
  truncated: false,
  elapsedMs: 4,
};
const ITEMS: Answer = {
  items: [{ a: 1 }, { b: { c: [2] }, a: 3 }, 'no object'],
  count: 3,
  truncated: true,
  elapsedMs: 4,
};

it('documents become rows of all the fields that any of them has', () => {
  const table = tableOf(ITEMS);
  expect(table.columns).toEqual(['a', 'b']);
  expect(table.rows).toEqual([
    [1, undefined],
    [3, { c: [2] }],
    [undefined, undefined],
  ]);
  expect(tableOf({ ...ITEMS, items: [1, 2] })).toMatchObject({ columns: ['value'], rows: [[1], [2]] });
});

it('documents with very many fields keep what has no room in themselves', () => {
  const wide = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${index}`, index]));
  const answer: Answer = { ...ITEMS, items: [wide] };
  expect(tableOf(answer)).toMatchObject({ left: 40 });
  expect(wholeRow(answer, 0)).toEqual(wide);
});

describe('downloads', () => {
  it('CSV quotes what needs it and ends lines as the format says', () => {
    expect(toCsv(tableOf(ROWS))).toBe('id,name\r\n1,plain\r\n2,"with ""quotes"", and\nlines"\r\n3,\r\n');
    expect(toCsv(tableOf(ITEMS))).toBe('a,b\r\n1,\r\n3,"{""c"":[2]}"\r\n,\r\n');
  });

  it('JSON names the columns of rows and leaves documents as they are', () => {
    expect(JSON.parse(toJson(ROWS))[2]).toEqual({ id: 3, name: null });
    expect(JSON.parse(toJson(ITEMS))).toEqual(ITEMS.items);
  });
});
