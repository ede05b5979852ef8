// The reply as it grows. Offsets count Unicode scalar values, JavaScript strings count UTF-16 units.

export interface Delta {
  text: string;
  offset: number;
  reset?: boolean;
}

/** `length` is in scalar values, so that the common case (append) never has to count. */
export interface Reply {
  text: string;
  length: number;
}

export const EMPTY: Reply = { text: '', length: 0 };

/** What stood at the delta's offset and after it makes way: a stream that is replayed says the same again. */
export function applyDelta(reply: Reply, delta: Delta): Reply {
  const before = delta.reset ? EMPTY : reply;
  const length = countScalars(delta.text);
  if (delta.offset >= before.length) return { text: before.text + delta.text, length: before.length + length };
  const kept = before.text.slice(0, unitIndex(before.text, delta.offset));
  return { text: kept + delta.text, length: delta.offset + length };
}

export function countScalars(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Where in UTF-16 units the scalar value number `offset` begins. */
function unitIndex(text: string, offset: number): number {
  let units = 0;
  let scalars = 0;
  for (const scalar of text) {
    if (scalars === offset) return units;
    units += scalar.length;
    scalars += 1;
  }
  return units;
}
