import { expect, it } from 'vitest';
import { commandsFor, matching } from './commands';

const names = (typed: string) => matching(commandsFor('owner'), typed).map((command) => command.name);

it('what begins with the words comes before what only holds them', () => {
  expect(names('age').slice(0, 3)).toEqual(['Agents', 'Agent tokens', 'New agent']);
  expect(names('kanban')).toEqual(['Tasks']);
  expect(names('zzz')).toEqual([]);
});

it('offers nothing that the role may not see', () => {
  const offered = commandsFor('viewer').map((command) => command.to);
  expect(offered).not.toContain('/keys');
  expect(offered).not.toContain('/agents/new');
});
