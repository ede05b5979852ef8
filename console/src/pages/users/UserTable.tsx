import { useSession } from '../../api/session';
import type { User } from '../../api/types';
import { Badge } from '../../ui/Badge';
import { Menu, type MenuItem } from '../../ui/Menu';
import { Ago } from '../../ui/Time';
import { ActionsHead } from '../../ui/Table';

interface TableProps {
  users: User[];
  onEdit: (user: User) => void;
  onPassword: (user: User) => void;
  onToggle: (user: User) => void;
  onDelete: (user: User) => void;
}

export function UserTable({ users, ...actions }: TableProps) {
  const me = useSession();
  return (
    <div className="table-wrap">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">User</th>
            <th scope="col">Role</th>
            <th scope="col">State</th>
            <th scope="col" className="from-medium">
              Last login
            </th>
            <th scope="col" className="from-medium">
              Created
            </th>
            <ActionsHead />
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <tr key={user.id}>
              <th scope="row" className="cell-name">
                {user.displayName || user.username}
                {user.id === me.id && <span className="muted"> (you)</span>}
                {user.displayName && <small>{user.username}</small>}
              </th>
              <td>{user.role}</td>
              <td>{user.disabled ? <Badge tone="quiet">disabled</Badge> : <Badge tone="good">enabled</Badge>}</td>
              <td className="from-medium">
                <Ago at={user.lastLoginAt} />
              </td>
              <td className="from-medium">
                <Ago at={user.createdAt} />
              </td>
              <td className="cell-actions">
                <Menu label={`Actions for ${user.username}`} items={itemsFor(user, user.id === me.id, actions)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Nobody locks themselves out by mistake. */
function itemsFor(user: User, isMe: boolean, { onEdit, onPassword, onToggle, onDelete }: Omit<TableProps, 'users'>) {
  const items: MenuItem[] = [
    { label: 'Edit', onSelect: () => onEdit(user) },
    { label: 'Set a new password', onSelect: () => onPassword(user) },
  ];
  if (isMe) return items;
  items.push({ label: user.disabled ? 'Enable' : 'Disable', onSelect: () => onToggle(user) });
  items.push({ label: 'Delete', danger: true, onSelect: () => onDelete(user) });
  return items;
}
