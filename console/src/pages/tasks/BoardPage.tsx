import { useState } from 'react';
import type { Task, TaskStatus } from '../../api/types';
import { useMay } from '../../api/session';
import { AgentFilter, isNoSuchAgent, NoSuchAgent } from '../../ui/AgentFilter';
import { Button } from '../../ui/Button';
import { ErrorNote, Loading } from '../../ui/Note';
import { Page } from '../../ui/Page';
import { useFilters } from '../../ui/useFilters';
import { AssignDialog } from './AssignDialog';
import { Board } from './Board';
import { CreateTaskDialog } from './CreateTaskDialog';
import { TaskDialog } from './TaskDialog';
import { useBoard } from './useBoard';
import { PRIORITIES } from './words';

/** All tasks by how far they are. `?task=<id>` opens one, so that it can be linked to. */
export function BoardPage() {
  const filters = useFilters();
  const [isCreating, setCreating] = useState(false);
  const [given, setGiven] = useState<{ task: Task; to: TaskStatus } | null>(null);
  const mayChange = useMay('operator');
  const agent = filters.get('agent');
  const board = useBoard({ assigned_to: agent, priority: filters.get('priority') });
  const isUnknown = isNoSuchAgent(board.failed?.error);
  const shown = filters.get('task');
  return (
    <Page
      title="Tasks"
      lead="What agents have to do. They take the most urgent first, then the oldest."
      wide
      actions={
        mayChange && (
          <Button look="primary" icon="plus" onClick={() => setCreating(true)}>
            New task
          </Button>
        )
      }
    >
      <Filters filters={filters} />
      {isUnknown && <NoSuchAgent name={agent} onClear={() => filters.set('agent', '')} />}
      {board.failed && !isUnknown && (
        <ErrorNote error={board.failed.error} onRetry={() => void board.failed?.refetch()} />
      )}
      {board.isPending && <Loading rows={6} />}
      {!board.isPending && !isUnknown && (
        <Board
          board={board}
          mayChange={mayChange}
          onOpen={(id) => filters.set('task', String(id))}
          onAssign={(task, to) => setGiven({ task, to })}
        />
      )}
      {isCreating && <CreateTaskDialog assignee={agent} onClose={() => setCreating(false)} />}
      {given && <AssignDialog {...given} onClose={() => setGiven(null)} />}
      {shown && <TaskDialog key={shown} id={shown} mayChange={mayChange} onClose={() => filters.set('task', '')} />}
    </Page>
  );
}

function Filters({ filters }: { filters: ReturnType<typeof useFilters> }) {
  return (
    <form className="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <AgentFilter
        label="Assigned to"
        placeholder="Anybody"
        value={filters.get('agent')}
        onCommit={(agent) => filters.set('agent', agent)}
      />
      <label className="filter">
        <span>Priority</span>
        <select
          className="input"
          value={filters.get('priority')}
          onChange={(event) => filters.set('priority', event.target.value)}
        >
          <option value="">Any</option>
          {PRIORITIES.map((priority) => (
            <option key={priority}>{priority}</option>
          ))}
        </select>
      </label>
    </form>
  );
}
