// What the palette offers: pages, things to do, and agents by name.
import { rank } from '../../api/session';
import type { Agent, Role } from '../../api/types';
import type { IconName } from '../../ui/Icon';
import { PLACES } from '../places';

export interface Command {
  id: string;
  name: string;
  /** What kind of thing it is. */
  kind: string;
  icon: IconName;
  to: string;
  words: string;
}

const DEEDS: (Command & { floor: Role })[] = [
  {
    id: 'new-agent',
    name: 'New agent',
    kind: 'Do',
    icon: 'plus',
    to: '/agents/new',
    words: 'create make',
    floor: 'operator',
  },
];

export function commandsFor(role: Role): Command[] {
  const isOpen = ({ floor }: { floor: Role }) => rank(role) >= rank(floor);
  const places = PLACES.flatMap((group) => group.places).filter(isOpen);
  const pages = places.map(({ to, name, icon, words }) => ({ id: to, name, kind: 'Page', icon, to, words }));
  return [...pages, ...DEEDS.filter(isOpen)];
}

export function agentCommand({ id, name }: Agent): Command {
  return { id, name, kind: 'Agent', icon: 'agents', to: `/agents/${id}`, words: '' };
}

/** Names that begin with what was typed come first, then names that hold it, then other words. */
export function matching(commands: Command[], typed: string): Command[] {
  const wanted = typed.trim().toLowerCase();
  if (!wanted) return commands;
  const placed = commands.map((command) => ({ command, place: placeOf(command, wanted) }));
  return placed
    .filter(({ place }) => place >= 0)
    .sort((a, b) => a.place - b.place)
    .map(({ command }) => command);
}

function placeOf({ name, words }: Command, wanted: string): number {
  const lower = name.toLowerCase();
  if (lower.startsWith(wanted)) return 0;
  if (lower.includes(wanted)) return 1;
  return words.split(' ').some((word) => word.startsWith(wanted)) ? 2 : -1;
}
