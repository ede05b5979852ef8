// What the HTTP API takes and gives. One block per surface; names are the API's own.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

// --- session

export type Role = 'viewer' | 'operator' | 'admin' | 'owner';

export interface SessionUser {
  id: string;
  username: string;
  displayName?: string | null;
  role: Role | 'editor';
  org: { id: string; name: string };
}

// --- org

export interface Page<T> {
  data: T[];
  nextPageToken?: string | null;
}

export type Lifecycle = 'active' | 'paused' | 'stopped' | 'error';
export type Presence = 'online' | 'idle' | 'busy' | 'offline' | 'error';

export interface Overview {
  agents: { total: number; lifecycle: Record<Lifecycle, number>; presence: Record<Presence, number> };
  turns: { running: number; queued: number; failed24h: number };
  messagesPerHour: MessageHour[];
  outputTokens24h: number;
}

export interface MessageHour {
  hour: string;
  received: number;
  sent: number;
}

export interface Agent {
  id: string;
  number: number;
  orgId: string;
  name: string;
  description?: string | null;
  identity: JsonObject;
  lifecycle: Lifecycle;
  presence: Presence;
  source: string;
  model?: string | null;
  messageCount: number;
  outputTokenBalance: number;
  lastSeenAt?: string | null;
  version: number;
  createdAt: string;
  updatedAt: string;
}

export interface Conversation {
  id: string;
  /** What hosting and the events call it, when a client chose that name; else it is the id. */
  name?: string | null;
  agentId: string;
  channel: string;
  counterparty: { id: string; type: 'user' | 'agent' | 'system'; name: string };
  messageCount: number;
  unreadCount: number;
  lastMessageAt?: string | null;
  lastMessagePreview?: string | null;
  createdAt: string;
}

export type TurnState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export interface Usage {
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens?: number;
  modelMs?: number;
  costUsd?: number | null;
}

export interface TurnSummary {
  id: string;
  agentId: string;
  conversationId: string;
  state: TurnState;
  attempt: number;
  /** Null until the turn has begun. */
  definitionVersion?: number | null;
  model?: string | null;
  createdAt: string;
  startedAt?: string | null;
  finishedAt?: string | null;
  usage?: Usage | null;
  error?: { code: string; message: string } | null;
}

export interface TurnMessage {
  id: string;
  role: string;
  content: string;
  status: string;
  createdAt: string;
}

export interface TurnStep {
  index: number;
  kind: 'model' | 'tool' | 'compaction';
  state: 'running' | 'done' | 'failed';
  name?: string | null;
  input?: Json;
  output?: Json;
  attempts: number;
  usage?: Usage | null;
  startedAt?: string | null;
  finishedAt?: string | null;
  durationMs?: number | null;
  error?: Json;
}

export interface PromptMessage {
  role: string;
  content?: Json;
  [key: string]: Json | undefined;
}

export interface Turn extends TurnSummary {
  messages: TurnMessage[];
  reply?: TurnMessage | null;
  prompt?: { system?: string | null; messages: PromptMessage[] } | null;
  steps: TurnStep[];
}

export interface OrgEvent {
  seq: number;
  id: string;
  type: string;
  subject?: string | null;
  actor?: { kind: string; id?: string | null; name?: string | null } | null;
  at: string;
  data: JsonObject;
  hash?: string;
}

export interface ApiKey {
  id: string;
  name: string;
  description?: string | null;
  prefix: string;
  role: Role | 'editor';
  scopes: string[];
  expiresAt?: string | null;
  lastUsedAt?: string | null;
  createdAt: string;
  updatedAt: string;
}

export interface NewApiKey extends ApiKey {
  key: string;
}

export interface User {
  id: string;
  username: string;
  displayName?: string | null;
  role: Role | 'editor';
  disabled: boolean;
  createdAt: string;
  updatedAt: string;
  lastLoginAt?: string | null;
}

// --- hosting

export type SystemPromptType = 'append' | 'replace';
export type SessionMode = 'ephemeral' | 'persistent';
export type QueueMode = 'collect' | 'interrupt';

/** What `GET /v1/agent/{id}` answers: the definition, without anything secret. */
export interface HostedAgent {
  id: string;
  name: string;
  description?: string | null;
  status: Lifecycle;
  created_at: string;
  updated_at: string;
  configuration?: JsonObject | null;
  system_prompt?: string | null;
  system_prompt_type?: SystemPromptType | null;
  output_token_balance: number;
  session_mode?: SessionMode | null;
  warmth_window_ms?: number | null;
  pvc_size?: string | null;
}

export interface AgentSummary {
  output_token_balance: number;
  total_output_tokens_used: number;
  message_count: number;
}

export interface AgentReadiness {
  ready: boolean;
  status: string;
  pod_status: string;
  reason?: string | null;
  last_heartbeat?: string | null;
}

export type MessageStatus = 'pending' | 'processing' | 'completed' | 'failed' | 'cancelled';

export interface Message {
  id: string;
  role: string;
  content: string;
  status: MessageStatus;
  channel?: string;
  queue_mode?: QueueMode | null;
  conversation_id: string;
  reply_to_id?: string | null;
  turn_id?: string | null;
  /** Why it failed. */
  error?: string | null;
  created_at: string;
}

export interface MessagePage {
  messages: Message[];
  has_more: boolean;
}
