import type { TaskPriority, TaskStatus } from '../../api/types';
import { AgentField } from '../../ui/AgentField';
import { SelectField, TextArea, TextField } from '../../ui/Field';
import type { TaskDraft } from './draft';
import { nameOfStatus, PRIORITIES, STATUSES } from './words';

interface FieldsProps {
  draft: TaskDraft;
  set: (change: Partial<TaskDraft>) => void;
  errors: Record<string, string>;
  isNew?: boolean;
}

/** The fields that creating and editing a task share. */
export function TaskFields({ draft, set, errors, isNew = false }: FieldsProps) {
  return (
    <>
      <TextField
        label="Title"
        required
        autoComplete="off"
        value={draft.title}
        error={errors['title']}
        onChange={(event) => set({ title: event.target.value })}
      />
      <TextArea
        label="Description"
        rows={5}
        value={draft.description}
        error={errors['description']}
        onChange={(event) => set({ description: event.target.value })}
      />
      <div className="columns">
        <AgentField
          label="Assigned to"
          placeholder="Nobody"
          value={draft.assignee}
          error={errors['assigned_to']}
          onChange={(assignee) => set({ assignee })}
        />
        <TextField
          label="Due"
          type="datetime-local"
          value={draft.due}
          error={errors['due_date']}
          onChange={(event) => set({ due: event.target.value })}
        />
        <SelectField
          label="Priority"
          value={draft.priority}
          error={errors['priority']}
          onChange={(event) => set({ priority: event.target.value as TaskPriority })}
        >
          {PRIORITIES.map((priority) => (
            <option key={priority}>{priority}</option>
          ))}
        </SelectField>
        {!isNew && (
          <SelectField
            label="Status"
            value={draft.status}
            error={errors['status']}
            onChange={(event) => set({ status: event.target.value as TaskStatus })}
          >
            {STATUSES.map((status) => (
              <option key={status} value={status}>
                {nameOfStatus(status)}
              </option>
            ))}
          </SelectField>
        )}
      </div>
    </>
  );
}
