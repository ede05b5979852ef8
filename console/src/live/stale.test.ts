import { expect, it } from 'vitest';
import type { OrgEvent } from '../api/types';
import { staleAfter } from './stale';

function event(type: string, data: OrgEvent['data'] = {}, subject = 'agent-ann'): OrgEvent {
  return {
    seq: 1,
    id: 'evt_1',
    orgId: 'default',
    type,
    subject,
    data,
    actor: { kind: 'user', id: 'user_1', name: 'ann' },
    at: '2026-11-22T00:00:00Z',
  } as unknown as OrgEvent;
}

it('a turn that begins or ends makes the list of agents stale, as it says who is busy', () => {
  for (const type of ['turn.started', 'turn.succeeded', 'turn.failed', 'turn.cancelled']) {
    expect(staleAfter(event(type, { agentId: 'agent-ann' }, 'turn_1'))).toContainEqual(['agents']);
  }
});

it('a change of an agent makes the list and its own page stale', () => {
  const stale = staleAfter(event('agent.presence_changed'));
  expect(stale).toContainEqual(['agents']);
  expect(stale).toContainEqual(['agent', 'agent-ann']);
});
