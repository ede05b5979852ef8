// What a sync would do, in words.
import type { Sync, GatewayEntry } from '../../api/types';
import { plural } from '../../text/format';
import type { Tone } from '../../ui/Badge';

/** How many agents a sync would touch. */
export function changesOf(sync: Sync): number {
  return sync.created + sync.updated;
}

export function summaryOf(sync: Sync): string {
  const same = sync.agents.length - changesOf(sync) - sync.conflicts;
  const parts = [
    [sync.created, 'to be created'],
    [sync.updated, 'to be updated'],
    [same, 'unchanged'],
    [sync.conflicts, 'in conflict'],
  ] as const;
  const told = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  return `${plural(sync.agents.length, 'agent')} in the file: ${told.join(', ')}.`;
}

type Action = GatewayEntry['action'];

const ACTIONS: Record<Action, { word: string; tone: Tone }> = {
  created: { word: 'create', tone: 'good' },
  updated: { word: 'update', tone: 'busy' },
  unchanged: { word: 'unchanged', tone: 'quiet' },
  conflict: { word: 'conflict', tone: 'bad' },
};

export function actionOf(action: Action): { word: string; tone: Tone } {
  return ACTIONS[action] ?? { word: action, tone: 'quiet' };
}
