// A value of the memory as text in a field, and back.
import type { JsonObject } from '../api/types';

export type Kind = 'text' | 'json';

export interface EntryDraft {
  name: string;
  kind: Kind;
  text: string;
}

export function draftOf(name: string, value: unknown): EntryDraft {
  if (typeof value === 'string') return { name, kind: 'text', text: value };
  return { name, kind: 'json', text: JSON.stringify(value, null, 2) };
}

/** The value that was typed, or what is wrong with it. */
export function valueOf(draft: EntryDraft): { value: unknown } | { problem: string } {
  if (draft.kind === 'text') return { value: draft.text };
  try {
    return { value: JSON.parse(draft.text) as unknown };
  } catch (error) {
    return { problem: `This is not valid JSON: ${error instanceof Error ? error.message : 'unreadable'}` };
  }
}

export function without(memory: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(memory).filter(([each]) => each !== name));
}

/** The memory with the entry set; `before` is the name it had, when it had another. */
export function withEntry(memory: JsonObject, before: string, name: string, value: unknown): JsonObject {
  return { ...(before && before !== name ? without(memory, before) : memory), [name]: value };
}

export function gistOf(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.slice(0, 160);
}
