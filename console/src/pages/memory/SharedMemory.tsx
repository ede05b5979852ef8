import { useSharedMemory } from '../../api/shared';
import type { MemoryEntry } from '../../api/types';
import { gistOf } from '../../text/entry';
import { Button } from '../../ui/Button';
import { Menu } from '../../ui/Menu';
import { MorePages } from '../../ui/MorePages';
import { Empty, ErrorNote, Loading } from '../../ui/Note';
import { Ago } from '../../ui/Time';
import { ActionsHead } from '../../ui/Table';

interface SharedProps {
  prefix: string;
  onAdd: () => void;
  onEdit: (entry: MemoryEntry) => void;
  onForget: (entry: MemoryEntry) => void;
  onClear: () => void;
}

export function SharedMemory({ prefix, onAdd, onEdit, onForget, onClear }: SharedProps) {
  const list = useSharedMemory(prefix);
  const entries = list.data?.pages.flatMap((page) => page.entries) ?? [];
  if (list.isPending) return <Loading boxed rows={6} />;
  if (list.isError) return <ErrorNote error={list.error} onRetry={() => void list.refetch()} />;
  if (entries.length === 0 && prefix) {
    return (
      <Empty icon="search" title={`No key begins with ${prefix}`} action={<Button onClick={onClear}>All keys</Button>}>
        Keys are compared letter by letter, large and small ones apart.
      </Empty>
    );
  }
  if (entries.length === 0) {
    return (
      <Empty
        icon="memory"
        title="Nothing is shared yet"
        action={
          <Button look="primary" icon="plus" onClick={onAdd}>
            New value
          </Button>
        }
      >
        Agents put values here for each other, and so can you: each has a key and counts its revisions.
      </Empty>
    );
  }
  return (
    <>
      <div className="table-wrap">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Key</th>
              <th scope="col">Value</th>
              <th scope="col" className="from-medium number">
                Revision
              </th>
              <th scope="col" className="from-medium number">
                Changed
              </th>
              <ActionsHead />
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <Row key={entry.key} entry={entry} onEdit={() => onEdit(entry)} onForget={() => onForget(entry)} />
            ))}
          </tbody>
        </table>
      </div>
      <MorePages list={list} label="Load more keys" />
    </>
  );
}

function Row({ entry, onEdit, onForget }: { entry: MemoryEntry; onEdit: () => void; onForget: () => void }) {
  return (
    <tr>
      <th scope="row" className="cell-name cell-key">
        <button type="button" className="row-link as-link mono" onClick={onEdit}>
          {entry.key}
        </button>
      </th>
      <td className="cell-gist mono">{gistOf(entry.value)}</td>
      <td className="from-medium number">{entry.revision}</td>
      <td className="from-medium number muted">
        <Ago at={entry.updatedAt} />
      </td>
      <td className="cell-actions">
        <Menu
          label={`Actions for ${entry.key}`}
          items={[
            { label: 'Edit', onSelect: onEdit },
            { label: 'Forget', danger: true, onSelect: onForget },
          ]}
        />
      </td>
    </tr>
  );
}
