import { useState, type FormEvent } from 'react';
import { ApiError } from '../../api/client';
import type { Task, TaskStatus } from '../../api/types';
import { useUpdateTask } from '../../api/tasks';
import { AgentField } from '../../ui/AgentField';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { ErrorNote } from '../../ui/Note';
import { useSay } from '../../ui/Toasts';
import { nameOfStatus } from './words';

interface AssignProps {
  task: Task;
  to: TaskStatus;
  onClose: () => void;
}

/** Asks who takes a task that is to go where every task has an agent. */
export function AssignDialog({ task, to, onClose }: AssignProps) {
  const [agent, setAgent] = useState('');
  const update = useUpdateTask();
  const say = useSay();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (update.isPending) return;
    const change = { status: to, assigned_to: agent.trim() };
    update.mutate(
      { id: task.id, change },
      { onSuccess: () => (say(`Moved “${task.title}” to ${nameOfStatus(to)}`), onClose()) },
    );
  };

  return (
    <Dialog title={`Who takes “${task.title}”?`} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="dialog-body stack">
          <AgentField
            label="Agent"
            required
            hint={`Nobody has this task yet; one that is ${nameOfStatus(to).toLowerCase()} is with an agent.`}
            value={agent}
            error={update.error instanceof ApiError ? update.error.fields['assigned_to'] : undefined}
            onChange={setAgent}
          />
          {update.isError && <ErrorNote error={update.error} />}
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={update.isPending}>
            Assign
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
