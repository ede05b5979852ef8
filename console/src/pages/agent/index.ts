// What is loaded together when an agent is opened.
export { AgentPage } from './AgentPage';
export { ChatTab } from './chat/ChatTab';
export { HeartbeatTab } from './heartbeat/HeartbeatTab';
export { MemoryTab } from './memory/MemoryTab';
export { SettingsTab } from './settings/SettingsTab';
export { SoulTab } from './soul/SoulTab';
export { TurnsTab } from './turns/TurnsTab';
