import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ApiError, path, request } from '../../api/client';
import type { Entered, HostedAgent, JsonObject } from '../../api/types';
import type { Plan } from './plan';

export interface MadeAgent {
  id: string;
  name: string;
  /** What did not work beside making it. */
  problem: unknown;
}

/** Makes an agent by the calls of the plan. Once it is there, what else fails is told and takes nothing back. */
export function useMakeAgent() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async ({ make, update, card }: Plan): Promise<MadeAgent> => {
      const made = make.by === 'hosting' ? await host(make.body) : await enter(make.body);
      try {
        if (isSaid(update)) await request(path`/v1/agent/update/${made.id}`, { method: 'POST', body: update });
        if (isSaid(card)) await request(path`/api/agents/${made.id}`, { method: 'PUT', body: card });
      } catch (problem) {
        return { ...made, problem };
      }
      return made;
    },
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: ['agents'] });
      void cache.invalidateQueries({ queryKey: ['gateway'] });
    },
  });
}

async function host(body: JsonObject): Promise<MadeAgent> {
  const { id, name } = await request<HostedAgent>('/v1/agent/create', { method: 'POST', body });
  return { id, name, problem: null };
}

async function enter(body: JsonObject): Promise<MadeAgent> {
  const { agent, warning } = await request<Entered>('/api/agents', { method: 'POST', body });
  return { id: agent.slug, name: agent.name, problem: warning ? new Error(warning) : null };
}

function isSaid(body: JsonObject): boolean {
  return Object.keys(body).length > 0;
}

/** What was refused, by the names of the form: the two ways to make an agent have their own for the same. */
export function refusalsOf(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(Object.entries(error.fields).map(([field, reason]) => [formField(field), reason]));
}

function formField(field: string): string {
  return field
    .replace(/^config\.sandbox\.pvc_size/, 'pvc_size')
    .replace(/^config\.sandbox\./, 'configuration.')
    .replace(/^config\.model\.primary/, 'configuration.model')
    .replace(/^config\./, 'configuration.');
}
