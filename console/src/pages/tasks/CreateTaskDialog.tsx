import { useState, type FormEvent } from 'react';
import { ApiError } from '../../api/client';
import { useCreateTask } from '../../api/tasks';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { ErrorNote } from '../../ui/Note';
import { useSay } from '../../ui/Toasts';
import { creationOf, NEW_TASK, type TaskDraft } from './draft';
import { TaskFields } from './TaskFields';

export function CreateTaskDialog({ assignee, onClose }: { assignee: string; onClose: () => void }) {
  const [draft, setDraft] = useState<TaskDraft>({ ...NEW_TASK, assignee });
  const create = useCreateTask();
  const say = useSay();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (create.isPending) return;
    create.mutate(creationOf(draft), { onSuccess: ({ task }) => (say(`Created “${task.title}”`), onClose()) });
  };

  return (
    <Dialog title="New task" onClose={onClose}>
      <form onSubmit={submit}>
        <div className="dialog-body stack">
          <TaskFields
            isNew
            draft={draft}
            set={(change) => setDraft((before) => ({ ...before, ...change }))}
            errors={create.error instanceof ApiError ? create.error.fields : {}}
          />
          {create.isError && <ErrorNote error={create.error} />}
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={create.isPending}>
            Create task
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
