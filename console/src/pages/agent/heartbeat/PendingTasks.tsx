import { Link } from 'react-router';
import type { PendingTask } from '../../../api/types';
import { Badge } from '../../../ui/Badge';
import { DueDate } from '../../tasks/DueDate';
import { nameOfStatus, toneOfPriority } from '../../tasks/words';

/** In the order in which the agent gets them: the most urgent first. */
export function PendingTasks({ tasks }: { tasks: PendingTask[] }) {
  return (
    <ol className="pending">
      {tasks.map((task) => (
        <li key={task.id}>
          <Badge tone={toneOfPriority(task.priority)}>{task.priority}</Badge>
          <Link to={`/tasks?task=${task.id}`}>{task.title}</Link>
          <span className="muted">{nameOfStatus(task.status)}</span>
          <DueDate task={task} />
        </li>
      ))}
    </ol>
  );
}
