import { useState, type FormEvent } from 'react';
import { ApiError } from '../../api/client';
import { useCreateUser } from '../../api/users';
import type { Role } from '../../api/types';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { TextField } from '../../ui/Field';
import { ErrorNote } from '../../ui/Note';
import { useSay } from '../../ui/Toasts';
import { PasswordField } from './PasswordField';
import { RoleField } from './RoleField';

export function CreateUserDialog({ onClose }: { onClose: () => void }) {
  const create = useCreateUser();
  const say = useSay();
  const [username, setUsername] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [password, setPassword] = useState('');
  const [role, setRole] = useState<Role>('operator');
  const refused = create.error instanceof ApiError ? create.error.fields : {};

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (create.isPending) return;
    const name = displayName.trim();
    create.mutate(
      { username: username.trim(), password, role, ...(name && { displayName: name }) },
      { onSuccess: (user) => (say(`Created ${user.username}`), onClose()) },
    );
  };

  return (
    <Dialog title="New user" onClose={onClose}>
      <form onSubmit={submit}>
        <div className="dialog-body stack">
          <TextField
            label="Username"
            required
            autoCapitalize="none"
            spellCheck={false}
            autoComplete="off"
            value={username}
            error={refused['username']}
            onChange={(event) => setUsername(event.target.value)}
          />
          <TextField
            label="Display name"
            autoComplete="off"
            value={displayName}
            error={refused['displayName']}
            onChange={(event) => setDisplayName(event.target.value)}
          />
          <PasswordField value={password} error={refused['password']} onChange={setPassword} />
          <RoleField value={role} error={refused['role']} onChange={setRole} />
          {create.isError && <ErrorNote error={create.error} />}
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={create.isPending}>
            Create user
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
