import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { path, request } from './client';
import { useOrg } from './session';
import type {
  Agent,
  AgentBalance,
  AgentReadiness,
  BalanceChange,
  AgentSummary,
  HostedAgent,
  JsonObject,
  Page,
} from './types';

export interface AgentFilter {
  q?: string;
  lifecycle?: string;
  presence?: string;
  sort?: string;
  limit?: number;
  pageToken?: string;
}

export function useAgents(filter: AgentFilter) {
  const org = useOrg();
  return useQuery({
    queryKey: ['agents', filter],
    queryFn: ({ signal }) => request<Page<Agent>>(path`/v1/orgs/${org}/agents`, { query: { ...filter }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** The agent's state as the org sees it: lifecycle, presence, counts. */
export function useAgent(id: string) {
  const org = useOrg();
  return useQuery({
    queryKey: ['agent', id],
    queryFn: ({ signal }) => request<Agent>(path`/v1/orgs/${org}/agents/${id}`, { signal }),
  });
}

/** Whether its messages wait until it asks for them, instead of becoming turns here. */
export function runsElsewhere({ source, model }: Agent): boolean {
  // One that a client entered is run here as long as it names a model.
  return source !== 'hosted' && !(source === 'api' && model);
}

/** Whether it connects to the server by itself and is told everything over that. */
export function dialsIn({ source }: Agent): boolean {
  return source === 'sdk';
}

/** The agent's definition as the hosting surface keeps it: prompt, configuration, balance. */
export function useDefinition(id: string) {
  return useQuery({
    queryKey: ['agent', id, 'definition'],
    queryFn: ({ signal }) => request<HostedAgent>(path`/v1/agent/${id}`, { signal }),
  });
}

export function useAgentSummary(id: string) {
  return useQuery({
    queryKey: ['agent', id, 'summary'],
    queryFn: ({ signal }) => request<AgentSummary>(path`/v1/agent/${id}/summary`, { signal }),
  });
}

export function useReadiness(id: string) {
  return useQuery({
    queryKey: ['agent', id, 'ready'],
    queryFn: ({ signal }) => request<AgentReadiness>(path`/v1/agent/${id}/ready`, { signal }),
    retry: false,
  });
}

export function useUpdateAgent(id: string) {
  const refresh = useRefresh(id);
  return useMutation({
    mutationFn: (body: JsonObject) => request<HostedAgent>(path`/v1/agent/update/${id}`, { method: 'POST', body }),
    onSuccess: refresh,
  });
}

export type LifecycleVerb = 'pause' | 'resume' | 'stop' | 'activate';

/** Pause, resume and stop have paths of their own; activating is a change of status. */
export function useLifecycle(id: string) {
  const refresh = useRefresh(id);
  return useMutation({
    mutationFn: (verb: LifecycleVerb) =>
      verb === 'activate'
        ? request(path`/v1/agent/${id}/status`, { method: 'POST', body: { status: 'active' } })
        : request(path`/v1/agent/${id}/${verb}`, { method: 'POST', body: {} }),
    onSettled: refresh,
  });
}

export function useBalance(id: string) {
  const refresh = useRefresh(id);
  return useMutation({
    mutationFn: (body: BalanceChange) => request<AgentBalance>(path`/v1/agent/${id}/balance`, { method: 'POST', body }),
    onSuccess: refresh,
  });
}

export function useDeleteAgent(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (force: boolean) =>
      request(path`/v1/agent/delete/${id}`, { method: 'POST', body: force ? { force } : {} }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['agents'] }),
  });
}

function useRefresh(id: string) {
  const cache = useQueryClient();
  return async () => {
    await cache.invalidateQueries({ queryKey: ['agent', id] });
    void cache.invalidateQueries({ queryKey: ['agents'] });
  };
}
