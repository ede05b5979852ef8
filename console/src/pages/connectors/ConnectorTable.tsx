import { Link, useNavigate } from 'react-router';
import type { ConnectorType, ListedConnector } from '../../api/types';
import { Avatar } from '../../ui/Avatar';
import { Menu } from '../../ui/Menu';
import { EnabledSwitch } from './EnabledSwitch';
import { ActionsHead } from '../../ui/Table';

interface TableProps {
  connectors: ListedConnector[];
  types: ConnectorType[];
  mayManage: boolean;
  onDelete: (connector: ListedConnector) => void;
}

export function ConnectorTable({ connectors, types, mayManage, onDelete }: TableProps) {
  const titles = new Map(types.map(({ type, title }) => [type, title]));
  return (
    <div className="table-wrap">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Type</th>
            <th scope="col">Enabled</th>
            <ActionsHead />
          </tr>
        </thead>
        <tbody>
          {connectors.map((connector) => (
            <Row
              key={connector.id}
              connector={connector}
              title={titles.get(connector.type) ?? connector.type}
              mayManage={mayManage}
              onDelete={() => onDelete(connector)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  connector: ListedConnector;
  title: string;
  mayManage: boolean;
  onDelete: () => void;
}

function Row({ connector, title, mayManage, onDelete }: RowProps) {
  const { id, name, description } = connector;
  const navigate = useNavigate();
  return (
    <tr>
      <th scope="row" className="cell-name">
        <span className="with-avatar">
          <Avatar name={title} />
          <span>
            <Link to={`/connectors/${id}`} className="row-link">
              {name}
            </Link>
            <small>{description || id}</small>
          </span>
        </span>
      </th>
      <td>{title}</td>
      <td className="cell-control">
        <EnabledSwitch connector={connector} disabled={!mayManage} />
      </td>
      <td className="cell-actions">
        <Menu
          label={`Actions for ${name}`}
          items={[
            { label: 'Query', onSelect: () => void navigate(`/connectors/${id}`) },
            ...(mayManage
              ? [
                  { label: 'Settings', onSelect: () => void navigate(`/connectors/${id}/settings`) },
                  { label: 'Agents', onSelect: () => void navigate(`/connectors/${id}/agents`) },
                  { label: 'Delete', danger: true, onSelect: onDelete },
                ]
              : []),
          ]}
        />
      </td>
    </tr>
  );
}
