import { useEffect, useState } from 'react';
import type { JsonObject, QueryBody } from '../../../api/types';
import { keep, readKept } from '../../../ui/kept';

export interface Param {
  name: string;
  text: string;
}

export interface QueryDraft {
  resource: string;
  query: string;
  params: Param[];
  /** The most rows or items. */
  limit: number;
}

export const LIMITS = [100, 1000, 10_000];
const EMPTY: QueryDraft = { resource: '', query: '', params: [], limit: 1000 };
/** How many questions are remembered. */
const REMEMBERED = 20;

/** The question as it is written, and those asked before; both survive a reload of the window. */
export function useQueryDraft(id: string) {
  const [draft, setDraft] = useState(() => ({ ...EMPTY, ...readKept<QueryDraft>(`muster-query-${id}`) }));
  const [asked, setAsked] = useState(() => readKept<QueryDraft[]>(`muster-asked-${id}`) ?? []);
  useEffect(() => keep(`muster-query-${id}`, draft), [id, draft]);
  useEffect(() => keep(`muster-asked-${id}`, asked), [id, asked]);
  return {
    draft,
    asked,
    set: (change: Partial<QueryDraft>) => setDraft((before) => ({ ...before, ...change })),
    remember: () => setAsked((before) => remembering(before, draft)),
  };
}

export type QueryForm = ReturnType<typeof useQueryDraft>;

/** The newest first, each question once. */
export function remembering(asked: QueryDraft[], draft: QueryDraft): QueryDraft[] {
  const text = JSON.stringify(draft);
  return [draft, ...asked.filter((each) => JSON.stringify(each) !== text)].slice(0, REMEMBERED);
}

/** One line that tells the question from others. */
export function gistOf({ resource, query, params }: QueryDraft): string {
  const given = params.filter(({ name }) => name.trim()).map(({ name, text }) => `${name}=${text}`);
  return [resource, query.replace(/\s+/g, ' ').trim(), ...given].filter(Boolean).join(' · ').slice(0, 90) || 'empty';
}

export function bodyOf({ resource, query, params, limit }: QueryDraft): QueryBody {
  const given: JsonObject = {};
  for (const { name, text } of params) {
    if (name.trim()) given[name.trim()] = valueOf(text);
  }
  const asked = { resource: resource.trim(), query: query.trim(), limit };
  return Object.keys(given).length > 0 ? { ...asked, params: given } : asked;
}

/** Numbers, true, false, null, lists and objects as JSON; everything else, and what is in quotes, is text. */
export function valueOf(text: string): unknown {
  const trimmed = text.trim();
  if (!/^(-?\d|true$|false$|null$|[[{"])/.test(trimmed)) return text;
  try {
    return JSON.parse(trimmed) as unknown;
  } catch {
    return text;
  }
}
