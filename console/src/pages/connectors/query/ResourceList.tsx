import { useState } from 'react';
import type { useResources } from '../../../api/connectors';
import type { Resource } from '../../../api/types';
import { IconButton } from '../../../ui/Button';
import { ErrorNote, Loading } from '../../../ui/Note';

interface ListProps {
  list: ReturnType<typeof useResources>;
  chosen: string;
  onChoose: (resource: Resource) => void;
}

/** What the source has: tables, collections, endpoints. */
export function ResourceList({ list, chosen, onChoose }: ListProps) {
  const [typed, setTyped] = useState('');
  const all = list.data?.data ?? [];
  const wanted = typed.trim().toLowerCase();
  const fitting = all.filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(wanted));
  return (
    <section className="resources" aria-label="Resources">
      <header>
        <h2>Resources</h2>
        <IconButton icon="refresh" label="Read the resources again" onClick={() => void list.refetch()} />
      </header>
      {all.length > 8 && (
        <input
          className="input"
          type="search"
          aria-label="Filter resources"
          placeholder="Filter"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
      {list.isPending && <Loading rows={5} />}
      {list.isError && <ErrorNote error={list.error} onRetry={() => void list.refetch()} />}
      {list.isSuccess && all.length === 0 && (
        <p className="resources-none">The source lists nothing. Name what you want yourself.</p>
      )}
      {all.length > 0 && fitting.length === 0 && <p className="resources-none">Nothing fits.</p>}
      <ul>
        {fitting.map((resource) => (
          <li key={resource.name}>
            <button
              type="button"
              className="resource"
              aria-pressed={resource.name === chosen}
              title={resource.description}
              onClick={() => onChoose(resource)}
            >
              <code>{resource.name}</code>
              {resource.description && <small>{resource.description}</small>}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
