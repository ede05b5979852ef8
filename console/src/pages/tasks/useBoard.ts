import { useRef, useState } from 'react';
import type { Task, TaskStatus } from '../../api/types';
import { useTasks, useUpdateTask, type TaskFilter } from '../../api/tasks';
import { useSay } from '../../ui/Toasts';
import { columnsOf, type Moves, type Read } from './board';
import { nameOfStatus, STATUSES } from './words';

/** The columns with their tasks, and how to move one: it is shown where it goes at once, and goes back when refused. */
export function useBoard(filter: TaskFilter) {
  // One hook per column; the columns are always the same.
  const lists = STATUSES.map((status) => useTasks(status, filter));
  const [moves, setMoves] = useState<Moves>(new Map());
  const wanted = useRef(new Map<number, TaskStatus>());
  const update = useUpdateTask();
  const say = useSay();

  const read = Object.fromEntries(
    STATUSES.map((status, index) => [status, readOf(lists[index]?.data?.pages ?? [])]),
  ) as Record<TaskStatus, Read>;

  const move = async (task: Task, to: TaskStatus) => {
    const isMoving = wanted.current.has(task.id);
    wanted.current.set(task.id, to);
    setMoves((before) => new Map(before).set(task.id, { task, to }));
    // The move that is on its way goes on to where the task is wanted by then.
    if (isMoving) return;
    try {
      for (let at = task.status, next: TaskStatus | undefined = to; next && next !== at;) {
        await update.mutateAsync({ id: task.id, change: { status: next } });
        at = next;
        next = wanted.current.get(task.id);
      }
      say(`Moved “${task.title}” to ${nameOfStatus(wanted.current.get(task.id) ?? to)}`);
    } catch (error) {
      say.failed(error);
    } finally {
      wanted.current.delete(task.id);
      setMoves((before) => new Map([...before].filter(([id]) => id !== task.id)));
    }
  };

  return {
    columns: columnsOf(read, moves),
    lists,
    isPending: lists.some((list) => list.isPending),
    failed: lists.find((list) => list.isError),
    move: (task: Task, to: TaskStatus) => void move(task, to),
  };
}

function readOf(pages: { tasks: Task[]; total: number }[]): Read {
  return { tasks: pages.flatMap((page) => page.tasks), total: pages.at(-1)?.total ?? 0 };
}
