import { lazy, type ComponentType, type ReactNode } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { useMay } from './api/session';
import type { Role } from './api/types';
import { Behind } from './layout/Behind';
import { LoginPage } from './pages/login/LoginPage';
import { MissingPage } from './pages/MissingPage';
import { OverviewPage } from './pages/overview/OverviewPage';

// The other pages are loaded when they are opened, those of an agent or a connector together.
const AgentsPage = part(() => import('./pages/agents/AgentsPage'), 'AgentsPage');
const CreatePage = part(() => import('./pages/create/CreatePage'), 'CreatePage');
const AgentPage = part(() => import('./pages/agent'), 'AgentPage');
const ChatTab = part(() => import('./pages/agent'), 'ChatTab');
const TurnsTab = part(() => import('./pages/agent'), 'TurnsTab');
const SoulTab = part(() => import('./pages/agent'), 'SoulTab');
const MemoryTab = part(() => import('./pages/agent'), 'MemoryTab');
const HeartbeatTab = part(() => import('./pages/agent'), 'HeartbeatTab');
const SettingsTab = part(() => import('./pages/agent'), 'SettingsTab');
const NetworkPage = part(() => import('./pages/network/NetworkPage'), 'NetworkPage');
const BoardPage = part(() => import('./pages/tasks/BoardPage'), 'BoardPage');
const CommsPage = part(() => import('./pages/comms/CommsPage'), 'CommsPage');
const MemoryPage = part(() => import('./pages/memory/MemoryPage'), 'MemoryPage');
const EventsPage = part(() => import('./pages/events/EventsPage'), 'EventsPage');
const ConnectorsPage = part(() => import('./pages/connectors'), 'ConnectorsPage');
const NewConnectorPage = part(() => import('./pages/connectors'), 'NewConnectorPage');
const ConnectorPage = part(() => import('./pages/connectors'), 'ConnectorPage');
const QueryTab = part(() => import('./pages/connectors'), 'QueryTab');
const GrantsTab = part(() => import('./pages/connectors'), 'GrantsTab');
const ConnectorSettingsTab = part(() => import('./pages/connectors'), 'SettingsTab');
const GatewayPage = part(() => import('./pages/gateway/GatewayPage'), 'GatewayPage');
const KeysPage = part(() => import('./pages/keys/KeysPage'), 'KeysPage');
const TokensPage = part(() => import('./pages/tokens/TokensPage'), 'TokensPage');
const UsersPage = part(() => import('./pages/users/UsersPage'), 'UsersPage');
const OrgPage = part(() => import('./pages/org/OrgPage'), 'OrgPage');

export function App() {
  return (
    <Routes>
      <Route path="login" element={<LoginPage />} />
      <Route element={<Behind />}>
        <Route index element={<OverviewPage />} />
        <Route path="agents" element={<AgentsPage />} />
        <Route path="agents/new" element={<Floor role="operator" page={<CreatePage />} />} />
        <Route path="agents/:agentId" element={<AgentPage />}>
          <Route index element={<Navigate to="chat" replace />} />
          <Route path="chat" element={<ChatTab />} />
          <Route path="chat/:conversationId" element={<ChatTab />} />
          <Route path="turns" element={<TurnsTab />} />
          <Route path="soul" element={<SoulTab />} />
          <Route path="memory" element={<MemoryTab />} />
          <Route path="heartbeat" element={<HeartbeatTab />} />
          <Route path="settings" element={<SettingsTab />} />
        </Route>
        <Route path="network" element={<NetworkPage />} />
        <Route path="tasks" element={<BoardPage />} />
        <Route path="comms" element={<CommsPage />} />
        <Route path="memory" element={<Floor role="operator" page={<MemoryPage />} />} />
        <Route path="events" element={<EventsPage />} />
        <Route path="connectors" element={<Floor role="operator" page={<ConnectorsPage />} />} />
        <Route path="connectors/new" element={<Floor role="admin" page={<NewConnectorPage />} />} />
        <Route path="connectors/:connectorId" element={<Floor role="operator" page={<ConnectorPage />} />}>
          <Route index element={<QueryTab />} />
          <Route path="settings" element={<Floor role="admin" page={<ConnectorSettingsTab />} />} />
          <Route path="agents" element={<Floor role="admin" page={<GrantsTab />} />} />
        </Route>
        <Route path="gateway" element={<Floor role="operator" page={<GatewayPage />} />} />
        <Route path="keys" element={<Floor role="admin" page={<KeysPage />} />} />
        <Route path="tokens" element={<Floor role="admin" page={<TokensPage />} />} />
        <Route path="users" element={<Floor role="admin" page={<UsersPage />} />} />
        <Route path="organization" element={<Floor role="admin" page={<OrgPage />} />} />
        <Route path="*" element={<MissingPage />} />
      </Route>
    </Routes>
  );
}

/** A component of a module that is loaded when it is first drawn. */
function part<Name extends string>(load: () => Promise<Record<Name, ComponentType>>, name: Name) {
  return lazy(async () => ({ default: (await load())[name] }));
}

/** Pages above one's role are not shown at all; the server refuses them anyway. */
function Floor({ role, page }: { role: Role; page: ReactNode }) {
  return useMay(role) ? page : <MissingPage />;
}
