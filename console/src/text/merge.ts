// What to send so that a stored JSON object becomes the wanted one.
import type { JsonObject } from '../api/types';

/** The merge patch (RFC 7396) from one object to the other: what differs, with null for what is gone. */
export function changes(before: JsonObject, after: JsonObject): JsonObject {
  const change: JsonObject = {};
  for (const key of Object.keys(before)) {
    if (!(key in after) && before[key] !== null) change[key] = null;
  }
  for (const [key, value] of Object.entries(after)) {
    const old = before[key];
    if (equal(old, value)) continue;
    change[key] = isObject(old) && isObject(value) ? changes(old, value) : value;
  }
  return change;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, at) => equal(each, b[at]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && equal(a[key], b[key]));
}

export interface Merged {
  /** What the two made of it together; where both changed a value, mine. */
  merged: JsonObject;
  /** The names of the values that both changed, and not to the same. */
  conflicts: string[];
}

/** Puts together what two made of the same object, value by value. */
export function mergeBoth(base: JsonObject, mine: JsonObject, theirs: JsonObject): Merged {
  const names = [...new Set([base, theirs, mine].flatMap(Object.keys))];
  const isMine = (name: string) => !same(base, mine, name);
  const conflicts = names.filter((name) => isMine(name) && !same(base, theirs, name) && !same(mine, theirs, name));
  const left = names.flatMap((name) => {
    const from = isMine(name) ? mine : theirs;
    return Object.hasOwn(from, name) ? [[name, from[name]]] : [];
  });
  return { merged: Object.fromEntries(left) as JsonObject, conflicts };
}

function same(a: JsonObject, b: JsonObject, name: string): boolean {
  return Object.hasOwn(a, name) === Object.hasOwn(b, name) && equal(a[name], b[name]);
}

/** The object in the text, or what is wrong with it. */
export function parseObject(text: string): { value: JsonObject } | { problem: string } {
  if (text.trim() === '') return { value: {} };
  try {
    const value = JSON.parse(text) as unknown;
    if (isObject(value)) return { value };
    return { problem: 'This must be a JSON object: { … }' };
  } catch (error) {
    return { problem: `This is not valid JSON: ${error instanceof Error ? error.message : 'unreadable'}` };
  }
}
