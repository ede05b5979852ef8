import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import type { Task, TaskStatus } from '../../api/types';
import { BoardColumn } from './BoardColumn';
import { neighbour } from './board';
import { focusNear, focusTask } from './focus';
import type { useBoard } from './useBoard';
import { needsAgent, STATUSES } from './words';

interface BoardProps {
  board: ReturnType<typeof useBoard>;
  mayChange: boolean;
  onOpen: (id: number) => void;
  /** A move that needs an agent, of a task that nobody has. */
  onAssign: (task: Task, to: TaskStatus) => void;
}

const STEPS: Record<string, { x: number; y: number }> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

const HOW_TO_MOVE =
  'Drag a card to another column, press Shift and an arrow key on it, or use its menu. Arrow keys alone go around.';

/** The columns. Cards are moved with the pointer, with Shift and an arrow key, or by their menu. */
export function Board({ board, mayChange, onOpen, onAssign }: BoardProps) {
  const hint = useId();
  const [dragged, setDragged] = useState<Task | null>(null);
  // A card that the keyboard moved is drawn anew in the other column, where the focus follows it.
  const followed = useRef(0);
  useEffect(() => {
    if (followed.current && focusTask(followed.current)) followed.current = 0;
  });

  const tasks = board.columns.flatMap((column) => column.tasks.map((task) => ({ task, status: column.status })));
  const move = (task: Task, to: TaskStatus) => {
    if (tasks.some((each) => each.task.id === task.id && each.status === to)) return;
    if (needsAgent(to) && task.assigned_to === null) return onAssign(task, to);
    followed.current = task.id;
    board.move(task, to);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    const card = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-task]') : null;
    if (!step || !card || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (!event.shiftKey) return focusNear(card, step);
    const found = tasks.find(({ task }) => String(task.id) === card.dataset['task']);
    const to = found && step.x !== 0 && mayChange ? neighbour(found.status, step.x) : undefined;
    if (found && to) move(found.task, to);
  };

  return (
    <>
      <p className="board-hint" id={hint}>
        {mayChange ? HOW_TO_MOVE : 'Arrow keys go from card to card.'}
      </p>
      <div className="board" onKeyDown={onKeyDown}>
        {board.columns.map((column) => (
          <BoardColumn
            key={column.status}
            column={column}
            list={board.lists[STATUSES.indexOf(column.status)]}
            hint={hint}
            dragged={dragged}
            onDrag={mayChange ? setDragged : undefined}
            onMove={mayChange ? move : undefined}
            onOpen={onOpen}
          />
        ))}
      </div>
    </>
  );
}
