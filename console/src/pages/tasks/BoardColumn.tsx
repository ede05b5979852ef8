import { useId, useState, type DragEvent } from 'react';
import type { Task, TaskStatus } from '../../api/types';
import type { useTasks } from '../../api/tasks';
import { count } from '../../text/format';
import { MorePages } from '../../ui/MorePages';
import type { Column } from './board';
import { TaskCard } from './TaskCard';
import { nameOfStatus, toneOfStatus } from './words';

interface ColumnProps {
  column: Column;
  list: ReturnType<typeof useTasks> | undefined;
  /** The id of the text that says how cards are moved. */
  hint: string;
  dragged: Task | null;
  onDrag: ((task: Task | null) => void) | undefined;
  onMove: ((task: Task, to: TaskStatus) => void) | undefined;
  onOpen: (id: number) => void;
}

export function BoardColumn({ column, list, hint, dragged, onDrag, onMove, onOpen }: ColumnProps) {
  const { status, tasks, total } = column;
  const [isOver, setOver] = useState(false);
  const heading = useId();

  const onDragOver = (event: DragEvent) => {
    if (!dragged) return;
    event.preventDefault();
    setOver(true);
  };
  const onDragLeave = (event: DragEvent) => {
    // Going over a card within the column is no leaving.
    if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) setOver(false);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (dragged) onMove?.(dragged, status);
  };

  return (
    <section
      className={`board-column ${isOver && dragged ? 'over' : ''}`}
      aria-labelledby={heading}
      onDragOver={onDragOver}
      onDragLeave={onDragLeave}
      onDrop={onDrop}
    >
      <h2 id={heading}>
        <span className={`dot ${toneOfStatus(status)}`} />
        {nameOfStatus(status)} <span className="board-count">{count(total)}</span>
      </h2>
      <ul>
        {tasks.map((task) => (
          <TaskCard
            key={task.id}
            task={task}
            place={status}
            hint={hint}
            onDrag={onDrag}
            onMove={onMove}
            onOpen={onOpen}
          />
        ))}
      </ul>
      {tasks.length === 0 && <p className="board-none">Nothing here</p>}
      {list && <MorePages list={list} label="Load more" />}
    </section>
  );
}
