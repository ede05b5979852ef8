import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { path, request } from './client';
import type { JsonObject, Memory } from './types';

/** The most bytes that an agent may remember this way. */
export const LARGEST_MEMORY = 512 * 1024;

export function useMemory(agentId: string) {
  return useQuery({
    queryKey: ['agent', agentId, 'memory'],
    queryFn: ({ signal }) => readMemory(agentId, signal),
  });
}

function readMemory(agentId: string, signal?: AbortSignal): Promise<Memory> {
  return request<Memory>(path`/api/agents/${agentId}/memory`, signal ? { signal } : {});
}

export function useSaveWorkingMemory(agentId: string) {
  const refresh = useRefresh(agentId);
  return useMutation({
    mutationFn: (working_memory: string) =>
      request(path`/api/agents/${agentId}/memory`, { method: 'PUT', body: { working_memory } }),
    onSuccess: refresh,
  });
}

/** The API takes the whole object, so a change is made to what is stored now: the agent may have added to it. */
export function useChangeMemory(agentId: string) {
  const refresh = useRefresh(agentId);
  return useMutation({
    mutationFn: async (change: (memory: JsonObject) => JsonObject) => {
      const { memory, truncated } = await readMemory(agentId);
      if (truncated) throw new Error('This memory is too large to be changed here: some of it would get lost.');
      await request(path`/api/agents/${agentId}/memory`, { method: 'PUT', body: { memory: change(memory) } });
    },
    onSuccess: refresh,
  });
}

export function useClearMemory(agentId: string) {
  const refresh = useRefresh(agentId);
  return useMutation({
    mutationFn: () => request(path`/api/agents/${agentId}/memory`, { method: 'DELETE' }),
    onSuccess: refresh,
  });
}

function useRefresh(agentId: string) {
  const cache = useQueryClient();
  return () => cache.invalidateQueries({ queryKey: ['agent', agentId, 'memory'] });
}
