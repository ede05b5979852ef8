// The pages that the menu and the palette lead to.
import type { Role } from '../api/types';
import type { IconName } from '../ui/Icon';

export interface Place {
  to: string;
  name: string;
  icon: IconName;
  /** Other words that people look for it by. */
  words: string;
  /** The lowest role that may see it. */
  floor: Role;
}

export interface PlaceGroup {
  name: string;
  places: Place[];
}

export const PLACES: PlaceGroup[] = [
  {
    name: '',
    places: [
      { to: '/', name: 'Overview', icon: 'overview', words: 'home dashboard figures', floor: 'viewer' },
      { to: '/agents', name: 'Agents', icon: 'agents', words: 'list bots', floor: 'viewer' },
      {
        to: '/network',
        name: 'Network',
        icon: 'network',
        words: 'map connected links interrupt live',
        floor: 'viewer',
      },
      { to: '/tasks', name: 'Tasks', icon: 'tasks', words: 'board kanban work due', floor: 'viewer' },
      { to: '/comms', name: 'Comms', icon: 'comms', words: 'messages thread graph talk', floor: 'viewer' },
      { to: '/memory', name: 'Memory', icon: 'memory', words: 'shared values keys remember', floor: 'operator' },
      { to: '/events', name: 'Events', icon: 'events', words: 'log audit feed history', floor: 'viewer' },
      { to: '/connectors', name: 'Connectors', icon: 'data', words: 'sources database query sql', floor: 'operator' },
      { to: '/gateway', name: 'Gateway', icon: 'gateway', words: 'sync openclaw import', floor: 'operator' },
    ],
  },
  {
    name: 'Administration',
    places: [
      { to: '/keys', name: 'API keys', icon: 'keys', words: 'credentials scopes secrets', floor: 'admin' },
      { to: '/tokens', name: 'Agent tokens', icon: 'token', words: 'enrol dial in credentials', floor: 'admin' },
      { to: '/users', name: 'Users', icon: 'users', words: 'people passwords roles', floor: 'admin' },
      { to: '/organization', name: 'Organization', icon: 'org', words: 'settings name time zone', floor: 'admin' },
    ],
  },
];
