// Which of the things that were read does an event make stale?
import type { OrgEvent } from '../api/types';

type Key = readonly unknown[];

export function staleAfter(event: OrgEvent): Key[] {
  const [family = ''] = event.type.split('.');
  const agentId = agentOf(event);
  switch (family) {
    case 'agent':
      return [['agents'], ['agent', agentId], ['overview'], ['gateway'], ['links']];
    case 'message':
      return [['conversations', agentId], ['messages', agentId], ['agent', agentId], ['overview'], ['comms']];
    case 'memory':
      return [['agent', agentId, 'memory'], ['shared']];
    case 'task':
      return [['tasks'], ['agent', agentId, 'heartbeat']];
    case 'turn':
      return [
        // An agent is busy while a turn of it runs.
        ['agents'],
        ['turns'],
        ['turn', text(event.data['turnId']) || event.subject],
        ['messages', agentId],
        ['agent', agentId],
        ['overview'],
      ];
    case 'conversation':
      return [['conversations', agentId]];
    case 'key':
      return [['keys'], ['tokens']];
    case 'connector':
      return [['connectors'], ['connector', event.subject]];
    case 'user':
      return [['users']];
    case 'org':
      return [['me'], ['org']];
    default:
      return [];
  }
}

/** Events about messages and turns carry the agent in their data; those about an agent have it as subject. */
export function agentOf(event: OrgEvent): string {
  return text(event.data['agentId']) || event.subject;
}

export function conversationOf(event: OrgEvent): string {
  return text(event.data['conversationId']);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
