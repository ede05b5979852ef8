// What the HTTP API takes and gives, under the names that the console uses. `schema.ts` is made from docs/openapi.json.
import type { HostingHostedMessage, HostingSentMessage, OrgsLink } from './schema';

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
  MissionEnteredAgent as Entered,
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
  NetworkConnector as ListedConnector,
  NetworkConnectorList as ConnectorList,
  NetworkInterrupted as Interrupted,
  NetworkMemoryList as MemoryList,
  NetworkMemorySet as MemorySet,
  NetworkMemoryValue as MemoryEntry,
  NetworkStats,
  OrgsAgent as Agent,
  OrgsAgentToken as AgentToken,
  OrgsApiKey as ApiKey,
  OrgsApiKeyChange as ApiKeyChange,
  OrgsConnector as Connector,
  OrgsConnectorAnswer as Answer,
  OrgsConnectorChange as ConnectorChange,
  OrgsConnectorGrant as Grant,
  OrgsConnectorQuery as QueryBody,
  OrgsConnectorResource as Resource,
  OrgsConnectorTest as ConnectorTest,
  OrgsConnectorType as ConnectorType,
  OrgsConversation as Conversation,
  OrgsEvent as OrgEvent,
  OrgsHour as MessageHour,
  OrgsLifecycle as Lifecycle,
  OrgsLink as Link,
  OrgsMadeAgentToken as MadeToken,
  OrgsMadeKey as MadeKey,
  OrgsNewAgentToken as NewToken,
  OrgsNewApiKey as NewApiKey,
  OrgsNewConnector as NewConnector,
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

/** The agents that are connected. */
export interface Links {
  links: OrgsLink[];
  /** Whether there are more than are shown. */
  hasMore: boolean;
}
