import { useState, type FormEvent } from 'react';
import { ApiError } from '../../api/client';
import { useCreateKey, useUpdateKey } from '../../api/keys';
import { rank, useSession } from '../../api/session';
import type { ApiKey, MadeKey, Role } from '../../api/types';
import { localField } from '../../text/format';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { SelectField, TextField } from '../../ui/Field';
import { ErrorNote } from '../../ui/Note';
import { useSay } from '../../ui/Toasts';
import { ScopePicker } from './ScopePicker';

const ROLES: Role[] = ['viewer', 'operator', 'admin'];

interface KeyDialogProps {
  /** The key to edit; without it one is made. */
  stored?: ApiKey;
  onClose: () => void;
  onCreated?: (key: MadeKey) => void;
}

export function KeyDialog({ stored, onClose, onCreated }: KeyDialogProps) {
  const me = useSession();
  const say = useSay();
  const create = useCreateKey();
  const update = useUpdateKey();
  const [name, setName] = useState(stored?.name ?? '');
  const [description, setDescription] = useState(stored?.description ?? '');
  const [role, setRole] = useState<Role>(stored?.role ?? 'operator');
  const [scopes, setScopes] = useState<string[]>(stored?.scopes ?? []);
  const [expires, setExpires] = useState(stored?.expiresAt ? localField(stored.expiresAt) : '');

  const call = stored ? update : create;
  const refused = call.error instanceof ApiError ? call.error.fields : {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (call.isPending) return;
    const body = {
      name: name.trim(),
      description: description.trim() || null,
      role,
      scopes,
      expiresAt: expires ? new Date(expires).toISOString() : null,
    };
    if (!stored) return create.mutate(body, { onSuccess: (key) => onCreated?.(key) });
    update.mutate({ id: stored.id, change: body }, { onSuccess: () => (say('Saved'), onClose()) });
  };

  return (
    <Dialog title={stored ? `Edit ${stored.name}` : 'New API key'} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="dialog-body stack">
          <TextField
            label="Name"
            required
            maxLength={100}
            autoComplete="off"
            value={name}
            error={refused['name']}
            onChange={(event) => setName(event.target.value)}
          />
          <TextField
            label="Description"
            value={description}
            error={refused['description']}
            onChange={(event) => setDescription(event.target.value)}
          />
          <div className="columns">
            <SelectField
              label="Role"
              value={role}
              error={refused['role']}
              onChange={(event) => setRole(event.target.value as Role)}
            >
              {ROLES.filter((each) => rank(each) <= rank(me.role)).map((each) => (
                <option key={each}>{each}</option>
              ))}
            </SelectField>
            <TextField
              label="Expires"
              type="datetime-local"
              hint="Empty: never."
              value={expires}
              error={refused['expiresAt']}
              onChange={(event) => setExpires(event.target.value)}
            />
          </div>
          <ScopePicker chosen={scopes} onChange={setScopes} error={refused['scopes']} />
          {call.isError && <ErrorNote error={call.error} />}
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={call.isPending}>
            {stored ? 'Save' : 'Create key'}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
