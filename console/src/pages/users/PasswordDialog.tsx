import { useState, type FormEvent } from 'react';
import { ApiError } from '../../api/client';
import { useUpdateUser } from '../../api/users';
import type { User } from '../../api/types';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { ErrorNote } from '../../ui/Note';
import { useSay } from '../../ui/Toasts';
import { PasswordField } from './PasswordField';

export function PasswordDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const update = useUpdateUser();
  const say = useSay();
  const [password, setPassword] = useState('');
  const refused = update.error instanceof ApiError ? update.error.fields : {};

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (update.isPending) return;
    update.mutate(
      { id: user.id, change: { password } },
      { onSuccess: () => (say(`${user.username} has a new password`), onClose()) },
    );
  };

  return (
    <Dialog title={`New password for ${user.username}`} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="dialog-body stack">
          <PasswordField value={password} error={refused['password']} onChange={setPassword} />
          {update.isError && <ErrorNote error={update.error} />}
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={update.isPending}>
            Set password
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
