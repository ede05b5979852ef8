import { useState, type FormEvent } from 'react';
import { ApiError } from '../../api/client';
import { useCreateToken } from '../../api/tokens';
import type { MadeToken } from '../../api/types';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { TextField } from '../../ui/Field';
import { ErrorNote } from '../../ui/Note';

export function TokenDialog({ onClose, onCreated }: { onClose: () => void; onCreated: (made: MadeToken) => void }) {
  const [name, setName] = useState('');
  const [expires, setExpires] = useState('');
  const create = useCreateToken();
  const refused = create.error instanceof ApiError ? create.error.fields : {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (create.isPending) return;
    const expiresAt = expires ? new Date(expires).toISOString() : null;
    create.mutate({ name: name.trim(), expiresAt }, { onSuccess: onCreated });
  };
  return (
    <Dialog title="New agent token" onClose={onClose}>
      <form onSubmit={submit}>
        <div className="dialog-body stack">
          <TextField
            label="Name"
            required
            maxLength={100}
            autoComplete="off"
            placeholder="edge fleet"
            hint="For you: which machines it is for."
            value={name}
            error={refused['name']}
            onChange={(event) => setName(event.target.value)}
          />
          <TextField
            label="Expires"
            type="datetime-local"
            hint="Empty: never."
            value={expires}
            error={refused['expiresAt']}
            onChange={(event) => setExpires(event.target.value)}
          />
          {create.isError && <ErrorNote error={create.error} />}
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={create.isPending}>
            Create token
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
