// Which task stands in which column, also while a move is on its way to the server.
import type { Task, TaskStatus } from '../../api/types';
import { PRIORITIES, STATUSES } from './words';

/** What was read of a column. */
export interface Read {
  tasks: Task[];
  /** How many there are, read or not. */
  total: number;
}

export interface Column {
  status: TaskStatus;
  tasks: Task[];
  total: number;
}

/** Moves that the server has not confirmed yet, by the number of the task. */
export type Moves = ReadonlyMap<number, { task: Task; to: TaskStatus }>;

/** The most urgent first, then the oldest: the order in which agents take them. */
export function byUrgency(a: Task, b: Task): number {
  return PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority) || a.created_at - b.created_at || a.id - b.id;
}

export function columnsOf(read: Record<TaskStatus, Read>, moves: Moves): Column[] {
  const placed = placedTasks(read, moves);
  return STATUSES.map((status) => {
    const tasks = placed.filter((each) => each.status === status).map((each) => each.task);
    const unread = read[status].total - read[status].tasks.length;
    return { status, tasks: tasks.sort(byUrgency), total: tasks.length + Math.max(0, unread) };
  });
}

/** Each task once, where it belongs: columns are read one by one, so one may be told twice or not at all meanwhile. */
function placedTasks(read: Record<TaskStatus, Read>, moves: Moves): { task: Task; status: TaskStatus }[] {
  const newest = new Map<number, Task>();
  for (const { task } of moves.values()) newest.set(task.id, task);
  for (const task of STATUSES.flatMap((status) => read[status].tasks)) {
    const known = newest.get(task.id);
    if (!known || known.updated_at <= task.updated_at) newest.set(task.id, task);
  }
  return [...newest.values()].map((task) => ({ task, status: moves.get(task.id)?.to ?? task.status }));
}

/** The column one to the left or right, if there is one. */
export function neighbour(status: TaskStatus, step: number): TaskStatus | undefined {
  const at = STATUSES.indexOf(status) + step;
  return at < 0 ? undefined : STATUSES[at];
}
