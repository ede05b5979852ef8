// What the HTTP API takes and gives, under the names that the console uses. `schema.ts` is made from docs/openapi.json.
import type { Schema } from '../ui/schema/schema';
import type { HostingHostedMessage, HostingSentMessage, OrgsPresence as Presence } from './schema';

/** A JSON object of which the API says no more. */
export type JsonObject = { [key: string]: unknown };

/** A message as a page of messages has it, or as the answer to sending it, which tells less. */
export type Message = HostingSentMessage & Partial<HostingHostedMessage>;

export interface MessagePage {
  messages: Message[];
  has_more: boolean;
}

/** A part of a list that is read page by page. */
export interface Page<T> {
  data: T[];
  nextPageToken?: string | null;
}

export type {
  MissionAgentMemory as Memory,
  MissionAgentTemplate as Template,
  MissionAgentTemplateList as TemplateList,
  MissionComms as Comms,
  MissionCommsEdge as CommsEdge,
  MissionCommsGraph as CommsGraph,
  MissionCommsMessage as CommsMessage,
  MissionGatewayEntry as GatewayEntry,
  MissionGatewaySync as Sync,
  MissionHeartbeat as Heartbeat,
  MissionMe as Me,
  MissionMessageByName as Letter,
  MissionMessageSent as LetterSent,
  MissionNewTask as NewTask,
  MissionOneTask as OneTask,
  MissionPendingMessage as PendingMessage,
  MissionPendingTask as PendingTask,
  MissionSignedInUser as SessionUser,
  MissionSoul as Soul,
  MissionTask as Task,
  MissionTaskList as TaskPage,
  MissionTaskPriority as TaskPriority,
  MissionTaskStatus as TaskStatus,
  MissionTaskUpdate as TaskChange,
  MissionWoken as Woken,
  NetworkInterrupted as Interrupted,
  NetworkMemoryList as MemoryList,
  NetworkMemorySet as MemorySet,
  NetworkMemoryValue as MemoryEntry,
  OrgsAgent as Agent,
  OrgsAgentToken as AgentToken,
  OrgsApiKey as ApiKey,
  OrgsApiKeyChange as ApiKeyChange,
  OrgsConversation as Conversation,
  OrgsEvent as OrgEvent,
  OrgsHour as MessageHour,
  OrgsLifecycle as Lifecycle,
  OrgsMadeAgentToken as MadeToken,
  OrgsMadeKey as MadeKey,
  OrgsNewAgentToken as NewToken,
  OrgsNewApiKey as NewApiKey,
  OrgsNewUser as NewUser,
  OrgsOrg as Org,
  OrgsOrgChange as OrgChange,
  OrgsOverview as Overview,
  OrgsPresence as Presence,
  OrgsRole as Role,
  OrgsState as TurnState,
  OrgsTurn as Turn,
  OrgsTurnStep as TurnStep,
  OrgsTurnSummary as TurnSummary,
  OrgsUser as User,
  OrgsUserChange as UserChange,
  OrgsVersion as Version,
  OrgsWholeVersion as VersionInFull,
  HostingAgentBalance as AgentBalance,
  HostingAgentReadiness as AgentReadiness,
  HostingAgentSummary as AgentSummary,
  HostingChangeBalance as BalanceChange,
  HostingHostedAgent as HostedAgent,
  HostingPromptType as SystemPromptType,
  HostingQueueMode as QueueMode,
  HostingSendMessage as Outgoing,
  HostingSessionMode as SessionMode,
  HostingStatus as MessageStatus,
} from './schema';

/** A type of data source. */
export interface ConnectorType {
  type: string;
  title: string;
  summary: string;
  /** How resource, query and params are written for it, in Markdown. */
  queryForm: string;
  /** The JSON Schema of its settings. */
  settings: Schema;
}

export interface Connector {
  id: string;
  name: string;
  type: string;
  description: string | null;
  enabled: boolean;
  settings: JsonObject;
  /** The secrets that are stored, and since when. */
  secrets: { name: string; setAt: string }[];
  createdAt: string;
  updatedAt: string;
}

export interface NewConnector {
  name: string;
  type: string;
  description?: string | null;
  enabled?: boolean;
  settings: JsonObject;
}

export type ConnectorChange = Partial<Omit<NewConnector, 'type'>>;

export interface ConnectorTest {
  ok: boolean;
  message: string;
  elapsedMs: number;
}

/** Something in a source that can be asked for. */
export interface Resource {
  name: string;
  description: string;
}

export interface QueryBody {
  resource: string;
  query: string;
  params?: JsonObject;
  /** The most rows or items. */
  limit?: number;
}

interface Measured {
  truncated: boolean;
  elapsedMs: number;
}

/** Rows of databases, or documents of document stores and APIs. */
export type Answer =
  | ({ columns: string[]; rows: unknown[][]; rowCount: number } & Measured)
  | ({ items: unknown[]; count: number } & Measured);

/** An agent that is connected. */
export interface Link {
  agentId: string;
  name: string;
  presence: Presence;
  since: string;
  version: string | null;
  machineId: string;
  node: string;
  bytesIn: number;
  bytesOut: number;
  lastActivityAt: string;
}

export interface Links {
  links: Link[];
  /** Whether there are more than are shown. */
  hasMore: boolean;
}

export interface NetworkStats {
  totalAgents: number;
  onlineAgents: number;
  totalConnections: number;
  bytesTransferred: number;
}

/** An agent that has a connector as a tool. */
export interface Grant {
  agentId: string;
  name: string;
}
