import type { Task } from '../../api/types';
import { fromUnix, moment, shortDate } from '../../text/format';
import { Badge } from '../../ui/Badge';
import { isOverdue } from './words';

/** When a task is due, with a mark when that has passed. */
export function DueDate({ task }: { task: Pick<Task, 'due_date' | 'status'> }) {
  if (task.due_date === null) return null;
  const at = fromUnix(task.due_date);
  return (
    <span className="due">
      {isOverdue(task) && <Badge tone="bad">overdue</Badge>}
      <time dateTime={at} title={moment(at)}>
        due {shortDate(at)}
      </time>
    </span>
  );
}
