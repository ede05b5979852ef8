import { expect, it } from 'vitest';
import type { Links, OrgEvent } from '../api/types';
import { changeLinks } from './links';

const NOBODY: Links = { links: [], hasMore: false };

function event(type: string, data: OrgEvent['data'] = {}): OrgEvent {
  return { type, subject: 'agent-a', at: '2026-01-01T00:00:00Z', data } as OrgEvent;
}

it('who comes is there once, is seen to change, and is gone when it leaves', () => {
  const came = changeLinks(
    NOBODY,
    event('agent.connected', { name: 'edge', version: '1.2', machineId: 'm', node: 'n' }),
  );
  expect(came.links).toMatchObject([{ agentId: 'agent-a', name: 'edge', version: '1.2', presence: 'online' }]);
  expect(changeLinks(came, event('agent.connected', { name: 'edge' })).links).toHaveLength(1);
  const idle = changeLinks(came, event('agent.presence_changed', { from: 'online', to: 'idle' }));
  expect(idle.links[0]?.presence).toBe('idle');
  expect(changeLinks(idle, event('agent.disconnected')).links).toEqual([]);
});

it('other events leave the list as it is', () => {
  for (const type of ['agent.disconnected', 'agent.presence_changed', 'agent.updated', 'turn.started']) {
    expect(changeLinks(NOBODY, event(type))).toBe(NOBODY);
  }
});
