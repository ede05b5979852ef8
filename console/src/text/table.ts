// What a source answered, as a table: rows as they are, documents by their fields.
import type { Answer, JsonObject } from '../api/types';

export interface Table {
  columns: string[];
  rows: unknown[][];
  /** Whether the columns are fields of documents. */
  isOfItems: boolean;
  /** Fields that had no room as columns; the documents themselves have them. */
  left: number;
}

/** More columns than this are no table any more. */
const MOST_COLUMNS = 60;

export function tableOf(answer: Answer): Table {
  if ('columns' in answer) return { columns: answer.columns, rows: answer.rows, isOfItems: false, left: 0 };
  const { items } = answer;
  if (items.length > 0 && !items.some(isObject)) {
    return { columns: ['value'], rows: items.map((item) => [item]), isOfItems: true, left: 0 };
  }
  const names = new Set(items.flatMap((item) => (isObject(item) ? Object.keys(item) : [])));
  const columns = [...names].slice(0, MOST_COLUMNS);
  const rows = items.map((item) => columns.map((column) => (isObject(item) ? item[column] : undefined)));
  return { columns, rows, isOfItems: true, left: names.size - columns.length };
}

/** A row with its columns' names, or the document that it was made from. */
export function wholeRow(answer: Answer, index: number): unknown {
  if (!('columns' in answer)) return answer.items[index];
  const row = answer.rows[index] ?? [];
  return Object.fromEntries(answer.columns.map((column, at) => [column, row[at]]));
}

export function countOf(answer: Answer): number {
  return 'columns' in answer ? answer.rows.length : answer.items.length;
}

/** One cell as text: scalars as they are, everything else as JSON. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** RFC 4180: cells with commas, quotes or line breaks are quoted; lines end with CRLF. */
export function toCsv({ columns, rows }: Pick<Table, 'columns' | 'rows'>): string {
  return [columns, ...rows].map((row) => row.map(csvCell).join(',')).join('\r\n') + '\r\n';
}

function csvCell(value: unknown): string {
  const text = cellText(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The rows by their columns' names, or the documents, as JSON. */
export function toJson(answer: Answer): string {
  const all = 'columns' in answer ? answer.rows.map((_, index) => wholeRow(answer, index)) : answer.items;
  return `${JSON.stringify(all, null, 2)}\n`;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
