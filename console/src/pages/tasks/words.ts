// How tasks are put into words and colours.
import type { Task, TaskPriority, TaskStatus } from '../../api/types';
import type { Tone } from '../../ui/Badge';

/** The columns of the board, from left to right. */
export const STATUSES: readonly TaskStatus[] = [
  'inbox',
  'assigned',
  'in_progress',
  'review',
  'quality_review',
  'done',
  'failed',
];

/** Most urgent first. */
export const PRIORITIES: readonly TaskPriority[] = ['critical', 'high', 'medium', 'low'];

const NAMES: Record<TaskStatus, string> = {
  inbox: 'Inbox',
  assigned: 'Assigned',
  in_progress: 'In progress',
  review: 'Review',
  quality_review: 'Quality review',
  done: 'Done',
  failed: 'Failed',
};

export function nameOfStatus(status: TaskStatus): string {
  return NAMES[status] ?? status;
}

const STATUS_TONE: Record<TaskStatus, Tone> = {
  inbox: 'quiet',
  assigned: 'info',
  in_progress: 'busy',
  review: 'busy',
  quality_review: 'busy',
  done: 'good',
  failed: 'bad',
};

const PRIORITY_TONE: Record<TaskPriority, Tone> = { critical: 'bad', high: 'busy', medium: 'info', low: 'quiet' };

export const toneOfStatus = (status: TaskStatus): Tone => STATUS_TONE[status] ?? 'quiet';
export const toneOfPriority = (priority: TaskPriority): Tone => PRIORITY_TONE[priority] ?? 'quiet';

/** A task is not with an agent without one. */
export function needsAgent(status: TaskStatus): boolean {
  return status === 'assigned' || status === 'in_progress';
}

/** Past its due date, with something left to be done. */
export function isOverdue(task: Pick<Task, 'due_date' | 'status'>, now = Date.now()): boolean {
  const isOver = task.status === 'done' || task.status === 'failed';
  return task.due_date !== null && !isOver && task.due_date * 1000 < now;
}
