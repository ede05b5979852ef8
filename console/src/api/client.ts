// One place that speaks HTTP: same-origin JSON, cookies for the session, three error dialects folded into one.
import type { JsonObject } from './types';

export type Query = Record<string, string | number | boolean | null | undefined>;

interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

/** A refusal of the API. `fields` holds what it says about single fields, by their JSON path. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string = '',
    readonly fields: Record<string, string> = {},
    readonly requestId: string = '',
    readonly retryAfter: number | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** Fires `ended` when any call finds that the session is gone. */
export const session = new EventTarget();

export function path(template: TemplateStringsArray, ...values: string[]): string {
  return template.reduce((url, part, index) => url + encodeURIComponent(values[index - 1] ?? '') + part);
}

/** Calls the API and answers the response, whatever its body; a refusal is thrown as `ApiError`. */
export async function open(url: string, call: Call = {}): Promise<Response> {
  const response = await send(url, call);
  if (response.ok) return response;
  const refusal = await readRefusal(response);
  if (refusal.status === 401 && !url.startsWith('/api/auth/')) session.dispatchEvent(new Event('ended'));
  throw refusal;
}

/** Calls the API and answers its JSON body. */
export async function request<T>(url: string, call: Call = {}): Promise<T> {
  const response = await open(url, call);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

async function send(url: string, call: Call): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json', ...call.headers };
  if (call.body !== undefined) headers['content-type'] = 'application/json';
  try {
    return await fetch(url + queryString(call.query), {
      method: call.method ?? 'GET',
      headers,
      body: call.body === undefined ? null : JSON.stringify(call.body),
      credentials: 'same-origin',
      signal: call.signal ?? null,
    });
  } catch (error) {
    if (call.signal?.aborted) throw error;
    throw new ApiError(
      'The server cannot be reached. Check that it runs and that you are connected.',
      0,
      'UNREACHABLE',
    );
  }
}

export function queryString(query: Query = {}): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') pairs.set(name, String(value));
  }
  const text = pairs.toString();
  return text ? `?${text}` : '';
}

async function readRefusal(response: Response): Promise<ApiError> {
  const requestId = response.headers.get('x-request-id') ?? '';
  const wait = Number(response.headers.get('retry-after'));
  const body = await response.json().catch(() => null);
  const { message, code, fields } = parseRefusal(body, response.status);
  return new ApiError(message, response.status, code, fields, requestId, wait > 0 ? wait : null);
}

interface Refusal {
  message: string;
  code: string;
  fields: Record<string, string>;
}

/** Reads the three error bodies: hosting's envelope, orgs' flat one and mission's `{"error","details"}`. */
export function parseRefusal(body: unknown, status: number): Refusal {
  const fallback = { message: `The server answered with status ${status}.`, code: '', fields: {} };
  if (!isObject(body)) return fallback;
  const error = body['error'];
  if (isObject(error)) return hostingRefusal(error, fallback);
  if (typeof error === 'string') return missionRefusal(error, body['details']);
  const message = text(body['message']);
  if (!message) return fallback;
  const field = text(body['field']);
  return { message, code: text(body['code']), fields: field ? { [field]: message } : {} };
}

function hostingRefusal(error: JsonObject, fallback: Refusal): Refusal {
  const message = text(error['message']) || fallback.message;
  const details = error['details'];
  const field = isObject(details) ? text(details['field']) : '';
  const reason = isObject(details) ? text(details['reason']) || message : '';
  return { message, code: text(error['code']), fields: field ? { [field]: reason } : {} };
}

/** The sentence alone says only that the input is wrong; the details say how. */
function missionRefusal(error: string, details: unknown): Refusal {
  const reasons = Array.isArray(details) ? details.map(text).filter(Boolean) : [];
  const fields: Record<string, string> = {};
  for (const each of reasons) {
    const [field, ...reason] = each.split(': ');
    if (field && reason.length > 0) fields[field] = reason.join(': ');
  }
  return { message: [error, ...reasons.slice(0, 3)].join(': '), code: '', fields };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
