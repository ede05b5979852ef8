import type { ReactNode } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { useMay } from './api/session';
import { Behind } from './layout/Behind';
import { AgentPage } from './pages/agent/AgentPage';
import { ChatTab } from './pages/agent/chat/ChatTab';
import { SettingsTab } from './pages/agent/settings/SettingsTab';
import { TurnsTab } from './pages/agent/turns/TurnsTab';
import { AgentsPage } from './pages/agents/AgentsPage';
import { CreatePage } from './pages/create/CreatePage';
import { EventsPage } from './pages/events/EventsPage';
import { KeysPage } from './pages/keys/KeysPage';
import { LoginPage } from './pages/login/LoginPage';
import { MissingPage } from './pages/MissingPage';
import { OverviewPage } from './pages/overview/OverviewPage';
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
          <Route path="settings" element={<SettingsTab />} />
        </Route>
        <Route path="events" element={<EventsPage />} />
        <Route path="keys" element={<Floor role="admin" page={<KeysPage />} />} />
        <Route path="users" element={<Floor role="admin" page={<UsersPage />} />} />
        <Route path="*" element={<MissingPage />} />
      </Route>
    </Routes>
  );
}

/** Pages above one's role are not shown at all; the server refuses them anyway. */
function Floor({ role, page }: { role: 'operator' | 'admin'; page: ReactNode }) {
  return useMay(role) ? page : <MissingPage />;
}
