import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { path, request } from './client';
import { useOrg } from './session';
import type {
  Answer,
  Connector,
  ConnectorChange,
  ConnectorList,
  ConnectorTest,
  ConnectorType,
  NewConnector,
  Page,
  QueryBody,
  Resource,
} from './types';

const CONNECTORS = ['connectors'] as const;

/** All connectors by name, as everybody sees them who may ask them. */
export function useConnectors() {
  return useQuery({
    queryKey: CONNECTORS,
    queryFn: ({ signal }) => request<ConnectorList>('/network/api/agents/connectors', { signal }),
  });
}

/** A connector with its settings, for those who manage it. */
export function useConnector(id: string) {
  const org = useOrg();
  return useQuery({
    queryKey: ['connector', id],
    queryFn: ({ signal }) => request<Connector>(path`/v1/orgs/${org}/connectors/${id}`, { signal }),
  });
}

/** What there is to connect to, with the schema of each type's settings. */
export function useConnectorTypes() {
  const org = useOrg();
  return useQuery({
    queryKey: ['connector-types'],
    queryFn: ({ signal }) => request<Page<ConnectorType>>(path`/v1/orgs/${org}/connector-types`, { signal }),
    staleTime: Infinity,
  });
}

export function useCreateConnector() {
  const org = useOrg();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: NewConnector) => request<Connector>(path`/v1/orgs/${org}/connectors`, { method: 'POST', body }),
    onSuccess: refresh,
  });
}

export function useUpdateConnector(id: string) {
  const org = useOrg();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: ConnectorChange) =>
      request<Connector>(path`/v1/orgs/${org}/connectors/${id}`, { method: 'PATCH', body }),
    onSuccess: refresh,
  });
}

export function useDeleteConnector(id: string) {
  const org = useOrg();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => request(path`/v1/orgs/${org}/connectors/${id}`, { method: 'DELETE' }),
    onSuccess: refresh,
  });
}

/** Reaches the source with the stored settings and says what answered. */
export function useTestConnector(id: string) {
  const org = useOrg();
  return useMutation({
    mutationFn: () =>
      request<ConnectorTest>(path`/v1/orgs/${org}/connectors/${id}/_test`, { method: 'POST', body: {} }),
  });
}

/** What can be asked for. It is read from the source, so it takes a moment and may fail. */
export function useResources(id: string, isOn: boolean) {
  const org = useOrg();
  return useQuery({
    queryKey: ['connector', id, 'resources'],
    queryFn: ({ signal }) => request<Page<Resource>>(path`/v1/orgs/${org}/connectors/${id}/resources`, { signal }),
    enabled: isOn,
    retry: false,
    staleTime: 60_000,
  });
}

/** Asks the source. Who gives up waiting cancels the query. */
export function useAsk(id: string) {
  const org = useOrg();
  return useMutation({
    mutationFn: ({ body, signal }: { body: QueryBody; signal: AbortSignal }) =>
      request<Answer>(path`/v1/orgs/${org}/connectors/${id}/_query`, { method: 'POST', body, signal }),
  });
}

function useRefresh() {
  const cache = useQueryClient();
  return async () => {
    await cache.invalidateQueries({ queryKey: CONNECTORS });
    void cache.invalidateQueries({ queryKey: ['connector'] });
  };
}
