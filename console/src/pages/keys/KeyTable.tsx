import type { ApiKey } from '../../api/types';
import { plural } from '../../text/format';
import { Menu } from '../../ui/Menu';
import { Ago, Expiry } from '../../ui/Time';
import { ActionsHead } from '../../ui/Table';

interface TableProps {
  keys: ApiKey[];
  onEdit: (key: ApiKey) => void;
  onRevoke: (key: ApiKey) => void;
}

export function KeyTable({ keys, onEdit, onRevoke }: TableProps) {
  return (
    <div className="table-wrap">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" className="from-medium">
              Begins with
            </th>
            <th scope="col">Role</th>
            <th scope="col" className="from-medium">
              Scopes
            </th>
            <th scope="col" className="from-wide">
              Last used
            </th>
            <th scope="col" className="from-medium">
              Expires
            </th>
            <ActionsHead />
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              <th scope="row" className="cell-name">
                {key.name}
                {key.description && <small>{key.description}</small>}
              </th>
              <td className="from-medium mono">{key.prefix}…</td>
              <td>{key.role}</td>
              <td className="from-medium" title={key.scopes.join('\n')}>
                {key.scopes.length === 0 ? 'all of the role' : plural(key.scopes.length, 'scope')}
              </td>
              <td className="from-wide">
                <Ago at={key.lastUsedAt} />
              </td>
              <td className="from-medium">
                <Expiry at={key.expiresAt} />
              </td>
              <td className="cell-actions">
                <Menu
                  label={`Actions for ${key.name}`}
                  items={[
                    { label: 'Edit', onSelect: () => onEdit(key) },
                    { label: 'Revoke', danger: true, onSelect: () => onRevoke(key) },
                  ]}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
