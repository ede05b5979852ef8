// What the HTTP API takes and gives, under the names that the console uses. `schema.ts` is made from docs/openapi.json.

/** A JSON object of which the API says no more. */
export type JsonObject = { [key: string]: unknown };

/** A part of a list that is read page by page. */
export interface Page<T> {
  data: T[];
  nextPageToken?: string | null;
}

export type {
  MissionMe as Me,
  MissionSignedInUser as SessionUser,
  OrgsActor as Actor,
  OrgsAgent as Agent,
  OrgsApiKey as ApiKey,
  OrgsApiKeyChange as ApiKeyChange,
  OrgsConversation as Conversation,
  OrgsEvent as OrgEvent,
  OrgsHour as MessageHour,
  OrgsLifecycle as Lifecycle,
  OrgsMadeKey as MadeKey,
  OrgsNewApiKey as NewApiKey,
  OrgsNewUser as NewUser,
  OrgsOrg as Org,
  OrgsOrgChange as OrgChange,
  OrgsOverview as Overview,
  OrgsPresence as Presence,
  OrgsPromptMessage as PromptMessage,
  OrgsRole as Role,
  OrgsState as TurnState,
  OrgsTurn as Turn,
  OrgsTurnStep as TurnStep,
  OrgsTurnSummary as TurnSummary,
  OrgsUser as User,
  OrgsUserChange as UserChange,
  HostingAgentBalance as AgentBalance,
  HostingAgentReadiness as AgentReadiness,
  HostingAgentSummary as AgentSummary,
  HostingChangeBalance as BalanceChange,
  HostingHostedAgent as HostedAgent,
  HostingHostedMessage as Message,
  HostingMessageList as MessagePage,
  HostingPromptType as SystemPromptType,
  HostingQueueMode as QueueMode,
  HostingSendMessage as Outgoing,
  HostingSentMessage as SentMessage,
  HostingSessionMode as SessionMode,
  HostingStatus as MessageStatus,
} from './schema';
