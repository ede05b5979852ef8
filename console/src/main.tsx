import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { ApiError } from './api/client';
import { App } from './App';
import { Toasts } from './ui/Toasts';
import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/fields.css';
import './styles/overlays.css';
import './styles/palette.css';
import './styles/shell.css';
import './styles/lists.css';
import './styles/pages.css';
import './styles/overview.css';
import './styles/agent.css';
import './styles/chat.css';
import './styles/composer.css';
import './styles/prose.css';
import './styles/inspector.css';
import './styles/diff.css';
import './styles/mind.css';
import './styles/board.css';
import './styles/comms.css';
import './styles/connectors.css';
import './styles/network.css';

const cache = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 10_000, retry: (failures, error) => failures < 2 && mayPass(error) },
  },
});

/** Trying again helps when the server was away or stumbled, not when it refused. */
function mayPass(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status === 0 || error.status >= 500;
}

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={cache}>
      <BrowserRouter basename="/ui/">
        <Toasts>
          <App />
        </Toasts>
      </BrowserRouter>
    </QueryClientProvider>
  </StrictMode>,
);
