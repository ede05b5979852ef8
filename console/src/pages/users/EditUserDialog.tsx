import { useState, type FormEvent } from 'react';
import { ApiError } from '../../api/client';
import { useUpdateUser } from '../../api/users';
import type { Role, User, UserChange } from '../../api/types';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { TextField } from '../../ui/Field';
import { ErrorNote } from '../../ui/Note';
import { useSay } from '../../ui/Toasts';
import { RoleField } from './RoleField';

export function EditUserDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const update = useUpdateUser();
  const say = useSay();
  const [displayName, setDisplayName] = useState(user.displayName ?? '');
  const [role, setRole] = useState<Role>(user.role);
  const refused = update.error instanceof ApiError ? update.error.fields : {};

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (update.isPending) return;
    const change: UserChange = {};
    if (displayName.trim() !== (user.displayName ?? '')) change.displayName = displayName.trim() || null;
    if (role !== user.role) change.role = role;
    if (Object.keys(change).length === 0) return onClose();
    update.mutate({ id: user.id, change }, { onSuccess: () => (say('Saved'), onClose()) });
  };

  return (
    <Dialog title={`Edit ${user.username}`} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="dialog-body stack">
          <TextField
            label="Display name"
            autoComplete="off"
            value={displayName}
            error={refused['displayName']}
            onChange={(event) => setDisplayName(event.target.value)}
          />
          <RoleField value={role} error={refused['role']} onChange={setRole} />
          {update.isError && <ErrorNote error={update.error} />}
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={update.isPending}>
            Save
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
