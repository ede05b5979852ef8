import { useMemo, useState, type FormEvent } from 'react';
import { ApiError } from '../../api/client';
import type { Task } from '../../api/types';
import { useDeleteTask, useTask, useUpdateTask } from '../../api/tasks';
import { fromUnix } from '../../text/format';
import { Button } from '../../ui/Button';
import { Confirm } from '../../ui/Confirm';
import { Dialog } from '../../ui/Dialog';
import { ErrorNote, Loading } from '../../ui/Note';
import { Ago } from '../../ui/Time';
import { useSay } from '../../ui/Toasts';
import { useDraft } from '../../ui/useDraft';
import { changeOf, draftOf } from './draft';
import { TaskFields } from './TaskFields';

interface TaskProps {
  id: string;
  mayChange: boolean;
  onClose: () => void;
}

export function TaskDialog({ id, mayChange, onClose }: TaskProps) {
  const task = useTask(id);
  return (
    <Dialog title={`Task ${id}`} onClose={onClose}>
      {task.data ? (
        <TaskForm task={task.data} mayChange={mayChange} onClose={onClose} />
      ) : (
        <div className="dialog-body">
          {task.isPending && <Loading rows={6} />}
          {task.isError && <ErrorNote error={task.error} onRetry={() => void task.refetch()} />}
        </div>
      )}
    </Dialog>
  );
}

function TaskForm({ task, mayChange, onClose }: { task: Task; mayChange: boolean; onClose: () => void }) {
  const stored = useMemo(() => draftOf(task), [task]);
  const { base, draft, isDirty, set } = useDraft(stored);
  const [isAsking, setAsking] = useState(false);
  const update = useUpdateTask();
  const say = useSay();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (update.isPending) return;
    const change = changeOf(base, draft);
    if (Object.keys(change).length === 0) return onClose();
    update.mutate({ id: task.id, change }, { onSuccess: () => (say('Saved'), onClose()) });
  };

  return (
    <>
      <form onSubmit={submit}>
        <div className="dialog-body stack">
          <fieldset className="bare" disabled={!mayChange}>
            <TaskFields draft={draft} set={set} errors={update.error instanceof ApiError ? update.error.fields : {}} />
          </fieldset>
          <p className="note-small">
            Made by {task.created_by} <Ago at={fromUnix(task.created_at)} />, changed{' '}
            <Ago at={fromUnix(task.updated_at)} />
          </p>
          {update.isError && <ErrorNote error={update.error} />}
        </div>
        {mayChange && (
          <footer className="dialog-foot">
            <Button look="danger" icon="trash" className="at-start" onClick={() => setAsking(true)}>
              Delete
            </Button>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" look="primary" busy={update.isPending} disabled={!isDirty}>
              Save
            </Button>
          </footer>
        )}
      </form>
      {isAsking && <DeleteDialog task={task} onDone={onClose} onClose={() => setAsking(false)} />}
    </>
  );
}

function DeleteDialog({ task, onDone, onClose }: { task: Task; onDone: () => void; onClose: () => void }) {
  const remove = useDeleteTask();
  const say = useSay();
  const confirm = () =>
    remove.mutate(task.id, {
      onSuccess: () => {
        say(`Deleted “${task.title}”`);
        onDone();
      },
    });
  return (
    <Confirm
      title="Delete this task?"
      action="Delete task"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <p>“{task.title}” goes for good, also from the work of its agent.</p>
    </Confirm>
  );
}
