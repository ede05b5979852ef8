// What an event says about who is connected, before the list is read again.
import type { Link, Links, OrgEvent, Presence } from '../api/types';

export function changeLinks(before: Links, event: OrgEvent): Links {
  switch (event.type) {
    case 'agent.connected':
      return { ...before, links: [...others(before, event), linkOf(event)] };
    case 'agent.disconnected':
    case 'agent.deleted':
      return known(before, event) ? { ...before, links: others(before, event) } : before;
    case 'agent.presence_changed':
      return known(before, event) ? withPresence(before, event) : before;
    default:
      return before;
  }
}

function known({ links }: Links, { subject }: OrgEvent): boolean {
  return links.some((link) => link.agentId === subject);
}

function others({ links }: Links, { subject }: OrgEvent): Link[] {
  return links.filter((link) => link.agentId !== subject);
}

function withPresence(before: Links, { subject, data }: OrgEvent): Links {
  const presence = data['to'] as Presence;
  const links = before.links.map((link) => (link.agentId === subject ? { ...link, presence } : link));
  return { ...before, links };
}

/** A link that has just begun has carried next to nothing. */
function linkOf({ subject, at, data }: OrgEvent): Link {
  return {
    agentId: subject,
    name: text(data['name']) || subject,
    presence: 'online',
    since: at,
    version: text(data['version']) || null,
    machineId: text(data['machineId']),
    node: text(data['node']),
    bytesIn: 0,
    bytesOut: 0,
    lastActivityAt: at,
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
