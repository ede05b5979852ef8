// What the create and settings forms hold: text as typed, before it becomes what the API takes.
import type { HostedAgent, JsonObject, SessionMode, SystemPromptType } from '../../../api/types';

/** A secret is never shown, so it is either kept, cleared or replaced by what was typed. */
export interface Secret {
  text: string;
  clear: boolean;
}

export const SECRETS = [
  { field: 'anthropic_api_key', label: 'Anthropic API key' },
  { field: 'openai_api_key', label: 'OpenAI API key' },
  { field: 'discord_bot_token', label: 'Discord bot token' },
  { field: 'telegram_bot_token', label: 'Telegram bot token' },
] as const;

export type SecretField = (typeof SECRETS)[number]['field'];

export const SLACK_FIELDS = [
  { field: 'bot_token', label: 'Slack bot token' },
  { field: 'signing_secret', label: 'Slack signing secret' },
  { field: 'app_token', label: 'Slack app token' },
] as const;

export type SlackField = (typeof SLACK_FIELDS)[number]['field'];

export interface Draft {
  name: string;
  description: string;
  systemPrompt: string;
  systemPromptType: SystemPromptType;
  model: string;
  timeoutSeconds: string;
  sessionMode: SessionMode | '';
  warmthMinutes: string;
  balance: string;
  quota: string;
  secrets: Record<SecretField, Secret>;
  slack: Record<SlackField, string>;
  clearSlack: boolean;
  /** All of `configuration` but the keys that have fields of their own. */
  configuration: string;
}

const KEPT: Secret = { text: '', clear: false };

/** Keys of `configuration` that have fields of their own. */
const OWN_FIELDS = ['model', 'timeout_seconds'];

export const EMPTY_DRAFT: Draft = {
  name: '',
  description: '',
  systemPrompt: '',
  systemPromptType: 'append',
  model: '',
  timeoutSeconds: '',
  sessionMode: '',
  warmthMinutes: '',
  balance: '',
  quota: '',
  secrets: { anthropic_api_key: KEPT, openai_api_key: KEPT, discord_bot_token: KEPT, telegram_bot_token: KEPT },
  slack: { bot_token: '', signing_secret: '', app_token: '' },
  clearSlack: false,
  configuration: '',
};

export function draftOf(agent: HostedAgent): Draft {
  const { configuration, warmth_window_ms: warmth } = agent;
  return {
    ...EMPTY_DRAFT,
    name: agent.name,
    description: agent.description ?? '',
    systemPrompt: agent.system_prompt ?? '',
    systemPromptType: agent.system_prompt_type,
    model: configuration.model ?? '',
    timeoutSeconds: String(configuration.timeout_seconds),
    sessionMode: agent.session_mode,
    warmthMinutes: warmth ? String(warmth / 60_000) : '',
    quota: agent.pvc_size ?? '',
    configuration: pretty(rest(configuration)),
  };
}

/** The part of a configuration that is edited as JSON. */
export function rest(configuration: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(configuration).filter(([key, value]) => !OWN_FIELDS.includes(key) && value !== null),
  );
}

function pretty(value: JsonObject): string {
  return Object.keys(value).length === 0 ? '' : JSON.stringify(value, null, 2);
}
