// Forms made from JSON Schemas: which fields there are, what they hold as text, and what is sent of it.
import type { JsonObject } from '../../api/types';
import { equal } from '../../text/merge';

/** The part of JSON Schema that settings are described in. */
export interface Schema {
  type?: string;
  title?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  /** The properties in the order of the form. */
  'x-order'?: string[];
  enum?: unknown[];
  default?: unknown;
  examples?: unknown[];
  /** A secret: it goes in and never comes out again. */
  writeOnly?: boolean;
  /** It says where secrets are sent to. */
  'x-place'?: boolean;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  items?: Schema;
}

export type FieldKind = 'text' | 'long' | 'secret' | 'number' | 'switch' | 'choice' | 'list' | 'json';

export interface Field {
  name: string;
  title: string;
  kind: FieldKind;
  schema: Schema;
  isRequired: boolean;
}

/** What the form holds: each field as text. A secret is '' to keep what is stored and null to forget it. */
export type SchemaDraft = Record<string, string | null>;

export interface Made {
  settings: JsonObject;
  problems: Record<string, string>;
}

/** Texts that are longer than this are written in an area instead of a line. */
const LINE = 4096;

export function fieldsOf(schema: Schema): Field[] {
  const properties = schema.properties ?? {};
  const order = schema['x-order'] ?? [];
  const names = [...order.filter((name) => name in properties), ...Object.keys(properties)];
  return [...new Set(names)].map((name) => {
    const own = properties[name] ?? {};
    return { name, title: own.title ?? name, kind: kindOf(own), schema: own, isRequired: isRequired(schema, name) };
  });
}

function isRequired(schema: Schema, name: string): boolean {
  return schema.required?.includes(name) ?? false;
}

function kindOf(schema: Schema): FieldKind {
  if (schema.writeOnly) return 'secret';
  if (schema.enum) return 'choice';
  if (schema.type === 'boolean') return 'switch';
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  if (schema.type === 'array' && schema.items?.type === 'string') return 'list';
  if (schema.type === 'object' || schema.type === 'array') return 'json';
  return (schema.maxLength ?? 0) > LINE ? 'long' : 'text';
}

/** The settings that can be seen, and the names of the secrets of which it is only told that they are set. */
export function splitStored(stored: JsonObject): { plain: JsonObject; secrets: string[] } {
  const secrets = Object.keys(stored).filter((name) => isRedacted(stored[name]));
  const plain = Object.fromEntries(Object.entries(stored).filter(([name]) => !secrets.includes(name)));
  return { plain, secrets };
}

function isRedacted(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'redacted' in value && value.redacted === true;
}

/** The form of what is stored, or of nothing yet. */
export function draftOf(fields: Field[], stored: JsonObject = {}): SchemaDraft {
  return Object.fromEntries(fields.map((field) => [field.name, textOf(field, stored[field.name])]));
}

function textOf({ kind, schema }: Field, value: unknown): string {
  if (kind === 'secret') return '';
  if (kind === 'switch') return String(value ?? schema.default ?? false);
  if (kind === 'choice') return String(value ?? schema.default ?? '');
  if (value === undefined || value === null) return '';
  if (kind === 'list') return Array.isArray(value) ? value.join('\n') : '';
  return kind === 'json' ? JSON.stringify(value, null, 2) : String(value);
}

/** The setting that says where secrets are sent to and now says something else, if there is one. */
export function movedPlace(fields: Field[], stored: JsonObject, draft: SchemaDraft): Field | undefined {
  return fields.find((field) => {
    if (!field.schema['x-place']) return false;
    const text = draft[field.name] ?? '';
    const read = text.trim() === '' ? { value: undefined } : readText(field, text);
    const now = 'value' in read ? read.value : text;
    return !equal(placeOf(field, stored[field.name]), placeOf(field, now));
  });
}

/** Where it leads to, by default too. A slash at the end leads nowhere else. */
function placeOf({ schema }: Field, value: unknown): unknown {
  const place = value ?? schema.default;
  return typeof place === 'string' ? place.replace(/\/+$/, '') : place;
}

/** Why a stored secret has to be entered again: it was given for another place. */
export function whyAgain({ title }: Field, isRequired: boolean): string {
  return `Enter it again${isRequired ? '' : ', or clear it'}: “${title}” now says otherwise where it is sent to.`;
}

/**
 * What the form says, and what is wrong with it by field.
 *
 * Fields that are empty are left out, secrets that are kept, too; one that is to be forgotten is null. `kept` are the
 * secrets that are stored; none of them is kept when a place has `moved`.
 */
export function settingsOf(
  fields: Field[],
  draft: SchemaDraft,
  kept: readonly string[] = [],
  moved: Field | undefined = undefined,
): Made {
  const made: Made = { settings: {}, problems: {} };
  for (const field of fields) {
    const text = draft[field.name] ?? null;
    const isKept = field.kind === 'secret' && kept.includes(field.name) && text !== null;
    if (field.kind === 'secret' && text === null) made.settings[field.name] = null;
    if (text === null || text.trim() === '') {
      if (isKept && moved) made.problems[field.name] = whyAgain(moved, field.isRequired);
      else if (field.isRequired && !isKept) made.problems[field.name] = 'This is required.';
      continue;
    }
    const read = readText(field, text);
    if ('problem' in read) made.problems[field.name] = read.problem;
    else made.settings[field.name] = read.value;
  }
  return made;
}

/**
 * What of the settings is to be sent when only some of them have changed: a setting that is not mentioned stays, null
 * clears one. Secrets are in `made` only when they change.
 */
export function patchOf(stored: JsonObject, made: JsonObject): JsonObject {
  const gone = Object.keys(stored).filter((name) => !(name in made) && stored[name] !== null);
  const changed = Object.entries(made).filter(([name, value]) => !(name in stored) || !equal(stored[name], value));
  return Object.fromEntries([...gone.map((name) => [name, null]), ...changed]);
}

type Read = { value: unknown } | { problem: string };

function readText({ kind, schema }: Field, text: string): Read {
  switch (kind) {
    case 'switch':
      return { value: text === 'true' };
    case 'number':
      return readNumber(schema, text);
    case 'list':
      return { value: linesOf(text) };
    case 'json':
      return readJson(text);
    case 'choice':
      return { value: schema.enum?.find((each) => String(each) === text) ?? text };
    default:
      return readLine(schema, kind === 'text' ? text.trim() : text);
  }
}

function readNumber({ type, minimum, maximum }: Schema, text: string): Read {
  const value = Number(text.trim());
  if (!Number.isFinite(value)) return { problem: 'This must be a number.' };
  if (type === 'integer' && !Number.isInteger(value)) return { problem: 'This must be a whole number.' };
  if (minimum !== undefined && value < minimum) return { problem: `This must be ${minimum} or more.` };
  if (maximum !== undefined && value > maximum) return { problem: `This must be ${maximum} or less.` };
  return { value };
}

function readLine({ pattern, examples }: Schema, text: string): Read {
  if (!pattern || fits(text, pattern)) return { value: text };
  const example = examples?.[0];
  return { problem: example ? `This must look like ${String(example)}` : `This must match ${pattern}` };
}

function fits(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    // The server's engine may know what the browser's does not; it decides.
    return true;
  }
}

function readJson(text: string): Read {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { problem: `This is not valid JSON: ${error instanceof Error ? error.message : 'unreadable'}` };
  }
}

export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}
