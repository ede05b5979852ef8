// What to send so that a stored JSON object becomes the wanted one.
import type { Json, JsonObject } from '../api/types';

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

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((each, at) => equal(each, b[at]));
  }
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && equal(a[key], b[key]));
}

/** The object in the text, or what is wrong with it. */
export function parseObject(text: string): { value: JsonObject } | { problem: string } {
  if (text.trim() === '') return { value: {} };
  try {
    const value = JSON.parse(text) as Json;
    if (isObject(value)) return { value };
    return { problem: 'This must be a JSON object: { … }' };
  } catch (error) {
    return { problem: `This is not valid JSON: ${error instanceof Error ? error.message : 'unreadable'}` };
  }
}
