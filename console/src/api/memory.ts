import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { mergeBoth } from '../text/merge';
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

/** What one began from is no longer what is stored: somebody else, most likely the agent, has changed it. */
export class Moved extends Error {
  constructor(
    what: string,
    readonly theirs: Memory,
  ) {
    super(`Somebody else has changed ${what} meanwhile.`);
    this.name = 'Moved';
  }
}

// The API replaces what is stored whole and knows no revisions of it, so what is stored is looked at right before.

/** Saves the notes as long as they still are what one began from. */
export function useSaveWorkingMemory(agentId: string) {
  const refresh = useRefresh(agentId);
  return useMutation({
    mutationFn: async ({ base, text }: { base: string; text: string }) => {
      const stored = await readMemory(agentId);
      if (stored.working_memory !== base && stored.working_memory !== text) throw new Moved('the notes', stored);
      await request(path`/api/agents/${agentId}/memory`, { method: 'PUT', body: { working_memory: text } });
    },
    onSettled: refresh,
  });
}

/** Makes the entries what is wanted; what somebody else did to other entries meanwhile stays. */
export function useChangeMemory(agentId: string) {
  const refresh = useRefresh(agentId);
  return useMutation({
    mutationFn: async ({ base, wanted }: { base: JsonObject; wanted: JsonObject }) => {
      const stored = await readMemory(agentId);
      if (stored.truncated) throw new Error('This memory is too large to be changed here: some of it would get lost.');
      const { merged, conflicts } = mergeBoth(base, wanted, stored.memory);
      if (conflicts.length > 0) throw new Moved(conflicts.map((name) => `“${name}”`).join(', '), stored);
      await request(path`/api/agents/${agentId}/memory`, { method: 'PUT', body: { memory: merged } });
    },
    onSettled: refresh,
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
