import { describe, expect, it } from 'vitest';
import type { Sync, GatewayEntry } from '../../api/types';
import { actionOf, changesOf, summaryOf } from './changes';

const actions: GatewayEntry['action'][] = ['created', 'created', 'updated', 'unchanged', 'conflict'];
const agents = actions.map((action, index) => ({ id: `a${index}`, name: `a${index}`, action, agent: null }));
const sync: Sync = { preview: true, synced: 4, created: 2, updated: 1, conflicts: 1, agents, missing: [] };

describe('a preview', () => {
  it('says what would happen', () => {
    expect(changesOf(sync)).toBe(3);
    expect(summaryOf(sync)).toBe('5 agents in the file: 2 to be created, 1 to be updated, 1 unchanged, 1 in conflict.');
  });

  it('says when there is nothing to do', () => {
    const done = { ...sync, created: 0, updated: 0, conflicts: 0, agents: agents.slice(3, 4) };
    expect([changesOf(done), summaryOf(done)]).toEqual([0, '1 agent in the file: 1 unchanged.']);
  });

  it('has a word for each action', () => {
    expect(actions.map((action) => actionOf(action).word)).toEqual([
      'create',
      'create',
      'update',
      'unchanged',
      'conflict',
    ]);
  });
});
