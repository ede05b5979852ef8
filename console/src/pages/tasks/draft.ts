// What the task form holds, and what is sent of it.
import type { NewTask, Task, TaskChange, TaskPriority, TaskStatus } from '../../api/types';
import { fromUnix, localField } from '../../text/format';

export interface TaskDraft {
  title: string;
  description: string;
  status: TaskStatus;
  priority: TaskPriority;
  assignee: string;
  /** As a `datetime-local` field has it. */
  due: string;
}

export const NEW_TASK: TaskDraft = {
  title: '',
  description: '',
  status: 'inbox',
  priority: 'medium',
  assignee: '',
  due: '',
};

export function draftOf(task: Task): TaskDraft {
  return {
    title: task.title,
    description: task.description ?? '',
    status: task.status,
    priority: task.priority,
    assignee: task.assigned_to ?? '',
    due: task.due_date === null ? '' : localField(fromUnix(task.due_date)),
  };
}

/** Everything that was filled in; the server knows the rest, and where a new task begins. */
export function creationOf(draft: TaskDraft): NewTask {
  const { title, description, assignee } = trimmed(draft);
  return {
    title,
    priority: draft.priority,
    ...(description && { description }),
    ...(assignee && { assigned_to: assignee }),
    ...(draft.due && { due_date: seconds(draft.due) }),
  };
}

/** Only what differs, so that what an agent does with the task meanwhile is not undone. */
export function changeOf(before: TaskDraft, draft: TaskDraft): TaskChange {
  const { title, description, assignee } = trimmed(draft);
  const change: TaskChange = {};
  if (title !== before.title) change.title = title;
  if (description !== before.description) change.description = description || null;
  if (draft.status !== before.status) change.status = draft.status;
  if (draft.priority !== before.priority) change.priority = draft.priority;
  if (assignee !== before.assignee) change.assigned_to = assignee || null;
  if (draft.due !== before.due) change.due_date = draft.due ? seconds(draft.due) : null;
  return change;
}

function trimmed(draft: TaskDraft) {
  return { title: draft.title.trim(), description: draft.description.trim(), assignee: draft.assignee.trim() };
}

function seconds(local: string): number {
  return Math.floor(new Date(local).getTime() / 1000);
}
