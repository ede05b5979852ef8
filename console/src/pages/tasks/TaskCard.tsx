import { memo, type DragEvent } from 'react';
import type { Task, TaskStatus } from '../../api/types';
import { Badge } from '../../ui/Badge';
import { Menu } from '../../ui/Menu';
import { DueDate } from './DueDate';
import { isOverdue, nameOfStatus, STATUSES, toneOfPriority } from './words';

interface CardProps {
  task: Task;
  /** Where it stands, which is ahead of the task while a move is on its way. */
  place: TaskStatus;
  hint: string;
  onDrag: ((task: Task | null) => void) | undefined;
  onMove: ((task: Task, to: TaskStatus) => void) | undefined;
  onOpen: (id: number) => void;
}

export const TaskCard = memo(function TaskCard({ task, place, hint, onDrag, onMove, onOpen }: CardProps) {
  const start = (event: DragEvent) => {
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', task.title);
    onDrag?.(task);
  };
  return (
    <li
      className={`task ${toneOfPriority(task.priority)} ${isOverdue(task) ? 'overdue' : ''}`}
      draggable={onDrag !== undefined}
      onDragStart={start}
      onDragEnd={() => onDrag?.(null)}
    >
      <header>
        <button
          type="button"
          className="task-title"
          data-task={task.id}
          aria-describedby={hint}
          onClick={() => onOpen(task.id)}
        >
          {task.title}
        </button>
        {onMove && (
          <Menu
            label={`Move ${task.title}`}
            items={STATUSES.filter((status) => status !== place).map((status) => ({
              label: nameOfStatus(status),
              onSelect: () => onMove(task, status),
            }))}
          />
        )}
      </header>
      <footer>
        <Badge tone={toneOfPriority(task.priority)}>{task.priority}</Badge>
        <span className="task-who">{task.assigned_to ?? 'nobody'}</span>
        <DueDate task={{ due_date: task.due_date, status: place }} />
      </footer>
    </li>
  );
});
