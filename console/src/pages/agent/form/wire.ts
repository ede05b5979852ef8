// From a draft to the bodies of `POST /v1/agent/create` and `POST /v1/agent/update/{id}`.
import type { HostedAgent, JsonObject } from '../../../api/types';
import { changes, parseObject } from '../../../text/merge';
import { draftOf, rest, SECRETS, SLACK_FIELDS, type Draft } from './draft';

export interface Made {
  body: JsonObject;
  /** What is wrong with the draft itself, by field. */
  problems: Record<string, string>;
}

/** Everything that was filled in; the server knows the defaults of the rest. */
export function creation(draft: Draft): Made {
  const problems: Record<string, string> = {};
  const body: JsonObject = { name: draft.name.trim(), ...secretsOf(draft) };
  put(body, 'description', draft.description.trim());
  put(body, 'system_prompt', draft.systemPrompt);
  if (draft.systemPrompt) body['system_prompt_type'] = draft.systemPromptType;
  put(body, 'session_mode', draft.sessionMode);
  put(body, 'pvc_size', draft.quota.trim());
  put(body, 'output_token_balance', whole(draft.balance, 'output_token_balance', problems));
  put(body, 'warmth_window_ms', warmth(draft, problems));
  const configuration = configurationOf(draft, problems);
  if (Object.keys(configuration).length > 0) body['configuration'] = configuration;
  return { body, problems };
}

/** Only what differs from the stored agent; an emptied field becomes null, which clears it. */
export function update(agent: HostedAgent, draft: Draft): Made {
  const problems: Record<string, string> = {};
  const before = draftOf(agent);
  const body: JsonObject = { ...secretsOf(draft) };
  if (draft.name.trim() !== before.name) body['name'] = draft.name.trim();
  if (draft.description.trim() !== before.description) body['description'] = draft.description.trim() || null;
  if (draft.systemPrompt !== before.systemPrompt) body['system_prompt'] = draft.systemPrompt || null;
  if (draft.systemPromptType !== before.systemPromptType) body['system_prompt_type'] = draft.systemPromptType;
  if (draft.sessionMode && draft.sessionMode !== before.sessionMode) body['session_mode'] = draft.sessionMode;
  if (draft.quota.trim() !== before.quota) body['pvc_size'] = draft.quota.trim() || null;
  if (draft.warmthMinutes !== before.warmthMinutes) body['warmth_window_ms'] = warmth(draft, problems);
  const known = { ...rest(agent.configuration), ...ownFields(before, {}) };
  const configuration = changes(known, configurationOf(draft, problems));
  if (Object.keys(configuration).length > 0) body['configuration'] = configuration;
  return { body, problems };
}

function configurationOf(draft: Draft, problems: Record<string, string>): JsonObject {
  const parsed = parseObject(draft.configuration);
  if ('problem' in parsed) problems['configuration'] = parsed.problem;
  return { ...('value' in parsed ? parsed.value : {}), ...ownFields(draft, problems) };
}

function ownFields(draft: Draft, problems: Record<string, string>): JsonObject {
  const fields: JsonObject = {};
  put(fields, 'model', draft.model.trim());
  put(fields, 'timeout_seconds', whole(draft.timeoutSeconds, 'configuration.timeout_seconds', problems));
  return fields;
}

function secretsOf(draft: Draft): JsonObject {
  const body: JsonObject = {};
  for (const { field } of SECRETS) {
    const secret = draft.secrets[field];
    if (secret.clear) body[field] = null;
    else put(body, field, secret.text.trim());
  }
  const slack: JsonObject = {};
  for (const { field } of SLACK_FIELDS) put(slack, field, draft.slack[field].trim());
  if (draft.clearSlack) body['slack_bot_token'] = null;
  else if (Object.keys(slack).length > 0) body['slack_bot_token'] = slack;
  return body;
}

/** Nothing and 0 both mean "never", which the API calls null. */
function warmth(draft: Draft, problems: Record<string, string>): number | null {
  const minutes = whole(draft.warmthMinutes, 'warmth_window_ms', problems);
  return minutes ? minutes * 60_000 : null;
}

function whole(text: string, field: string, problems: Record<string, string>): number | null {
  if (text.trim() === '') return null;
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  problems[field] = 'This must be a number, 0 or more.';
  return null;
}

function put(body: JsonObject, field: string, value: unknown): void {
  if (value !== '' && value !== null) body[field] = value;
}
