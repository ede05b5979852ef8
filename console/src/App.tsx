import type { ReactNode } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { useMay } from './api/session';
import { Behind } from './layout/Behind';
import { AgentPage } from './pages/agent/AgentPage';
import { ChatTab } from './pages/agent/chat/ChatTab';
import { HeartbeatTab } from './pages/agent/heartbeat/HeartbeatTab';
import { MemoryTab } from './pages/agent/memory/MemoryTab';
import { SettingsTab } from './pages/agent/settings/SettingsTab';
import { SoulTab } from './pages/agent/soul/SoulTab';
import { TurnsTab } from './pages/agent/turns/TurnsTab';
import { AgentsPage } from './pages/agents/AgentsPage';
import { CommsPage } from './pages/comms/CommsPage';
import { ConnectorPage } from './pages/connectors/ConnectorPage';
import { ConnectorsPage } from './pages/connectors/ConnectorsPage';
import { NewConnectorPage } from './pages/connectors/form/NewConnectorPage';
import { SettingsTab as ConnectorSettingsTab } from './pages/connectors/form/SettingsTab';
import { QueryTab } from './pages/connectors/query/QueryTab';
import { CreatePage } from './pages/create/CreatePage';
import { EventsPage } from './pages/events/EventsPage';
import { GatewayPage } from './pages/gateway/GatewayPage';
import { KeysPage } from './pages/keys/KeysPage';
import { LoginPage } from './pages/login/LoginPage';
import { MemoryPage } from './pages/memory/MemoryPage';
import { MissingPage } from './pages/MissingPage';
import { NetworkPage } from './pages/network/NetworkPage';
import { OrgPage } from './pages/org/OrgPage';
import { OverviewPage } from './pages/overview/OverviewPage';
import { BoardPage } from './pages/tasks/BoardPage';
import { TokensPage } from './pages/tokens/TokensPage';
import { UsersPage } from './pages/users/UsersPage';

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
        <Route path="connectors" element={<ConnectorsPage />} />
        <Route path="connectors/new" element={<Floor role="admin" page={<NewConnectorPage />} />} />
        <Route path="connectors/:connectorId" element={<ConnectorPage />}>
          <Route index element={<QueryTab />} />
          <Route path="settings" element={<Floor role="admin" page={<ConnectorSettingsTab />} />} />
        </Route>
        <Route path="gateway" element={<Floor role="operator" page={<GatewayPage />} />} />
        <Route path="memory" element={<Floor role="operator" page={<MemoryPage />} />} />
        <Route path="events" element={<EventsPage />} />
        <Route path="keys" element={<Floor role="admin" page={<KeysPage />} />} />
        <Route path="tokens" element={<Floor role="admin" page={<TokensPage />} />} />
        <Route path="users" element={<Floor role="admin" page={<UsersPage />} />} />
        <Route path="organization" element={<Floor role="admin" page={<OrgPage />} />} />
        <Route path="*" element={<MissingPage />} />
      </Route>
    </Routes>
  );
}

/** Pages above one's role are not shown at all; the server refuses them anyway. */
function Floor({ role, page }: { role: 'operator' | 'admin'; page: ReactNode }) {
  return useMay(role) ? page : <MissingPage />;
}
