// The fields of a definition, and what was changed of them, as people read it.
import type { Version } from '../../../api/types';

const NAMES: Record<string, string> = {
  personality: 'soul',
  systemPromptType: 'kind of system prompt',
  pvcSize: 'workspace quota',
  warmthWindowMs: 'idle time before sleep',
};

/** `systemPrompt` as `system prompt`. */
export function nameOfField(field: string): string {
  const plain = field.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/_/g, ' ');
  return NAMES[field] ?? plain.toLowerCase();
}

/** A JSON pointer as the names on the way: `/configuration/timeout_seconds` as `configuration: timeout seconds`. */
export function nameOfPlace(pointer: string): string {
  const parts = pointer.split('/').slice(1);
  return parts.map((part) => nameOfField(part.replace(/~1/g, '/').replace(/~0/g, '~'))).join(': ');
}

export function whatChanged({ version, fields, restored }: Version): string {
  if (restored) return `back to version ${restored}`;
  if (version === 1) return 'made';
  if (!fields) return 'changed';
  return fields.map(nameOfField).join(', ') || 'nothing';
}

/** A value as text that can be compared line by line; nothing, and an object without anything in it, is no text. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object' && Object.keys(value).length === 0) return '';
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
