import { useState } from 'react';
import { useDeleteUser, useUpdateUser, useUsers } from '../../api/users';
import type { User } from '../../api/types';
import { Button } from '../../ui/Button';
import { Confirm } from '../../ui/Confirm';
import { MorePages } from '../../ui/MorePages';
import { ErrorNote, Loading } from '../../ui/Note';
import { Page } from '../../ui/Page';
import { useSay } from '../../ui/Toasts';
import { CreateUserDialog } from './CreateUserDialog';
import { EditUserDialog } from './EditUserDialog';
import { PasswordDialog } from './PasswordDialog';
import { UserTable } from './UserTable';

type Open = { what: 'create' } | { what: 'edit' | 'password' | 'delete'; user: User } | null;

export function UsersPage() {
  const list = useUsers();
  const update = useUpdateUser();
  const say = useSay();
  const [open, setOpen] = useState<Open>(null);
  const users = list.data?.pages.flatMap((page) => page.data) ?? [];
  const close = () => setOpen(null);

  const toggle = (user: User) =>
    update.mutate(
      { id: user.id, change: { disabled: !user.disabled } },
      { onSuccess: () => say(`${user.username} is ${user.disabled ? 'enabled' : 'disabled'}`), onError: say.failed },
    );

  return (
    <Page
      title="Users"
      lead="People who may use this console."
      actions={
        <Button look="primary" icon="plus" onClick={() => setOpen({ what: 'create' })}>
          New user
        </Button>
      }
    >
      {list.isPending && <Loading boxed rows={4} />}
      {list.isError && <ErrorNote error={list.error} onRetry={() => void list.refetch()} />}
      {users.length > 0 && (
        <UserTable
          users={users}
          onEdit={(user) => setOpen({ what: 'edit', user })}
          onPassword={(user) => setOpen({ what: 'password', user })}
          onToggle={toggle}
          onDelete={(user) => setOpen({ what: 'delete', user })}
        />
      )}
      <MorePages list={list} label="Load more users" />
      {open?.what === 'create' && <CreateUserDialog onClose={close} />}
      {open?.what === 'edit' && <EditUserDialog user={open.user} onClose={close} />}
      {open?.what === 'password' && <PasswordDialog user={open.user} onClose={close} />}
      {open?.what === 'delete' && <DeleteDialog user={open.user} onClose={close} />}
    </Page>
  );
}

function DeleteDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const remove = useDeleteUser();
  const say = useSay();
  const confirm = () =>
    remove.mutate(user.id, {
      onSuccess: () => {
        say(`Deleted ${user.username}`);
        onClose();
      },
    });
  return (
    <Confirm
      title={`Delete ${user.username}?`}
      action="Delete user"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <p>
        They are logged out everywhere and cannot log in again. To lock someone out for a while, disable them instead.
      </p>
    </Confirm>
  );
}
