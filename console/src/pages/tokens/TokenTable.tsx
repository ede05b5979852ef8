import { Link } from 'react-router';
import type { AgentToken } from '../../api/types';
import { plural } from '../../text/format';
import { Menu } from '../../ui/Menu';
import { Ago, Expiry } from '../../ui/Time';
import { ActionsHead } from '../../ui/Table';

export function TokenTable({ tokens, onRevoke }: { tokens: AgentToken[]; onRevoke: (token: AgentToken) => void }) {
  return (
    <div className="table-wrap">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" className="from-medium">
              Begins with
            </th>
            <th scope="col">Used by</th>
            <th scope="col" className="from-medium">
              Last used
            </th>
            <th scope="col" className="from-wide">
              Created
            </th>
            <th scope="col">Expires</th>
            <ActionsHead />
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <tr key={token.id}>
              <th scope="row" className="cell-name">
                {token.name}
              </th>
              <td className="from-medium mono">{token.prefix}…</td>
              <td>
                <Bearer token={token} />
              </td>
              <td className="from-medium">
                <Ago at={token.lastUsedAt} />
              </td>
              <td className="from-wide">
                <Ago at={token.createdAt} />
              </td>
              <td>
                <Expiry at={token.expiresAt} />
              </td>
              <td className="cell-actions">
                <Menu
                  label={`Actions for ${token.name}`}
                  items={[{ label: 'Revoke', danger: true, onSelect: () => onRevoke(token) }]}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Bearer({ token }: { token: AgentToken }) {
  if (token.agentId) return <Link to={`/agents/${token.agentId}`}>{token.agentId}</Link>;
  return token.machines > 0 ? plural(token.machines, 'machine') : <span className="muted">nobody yet</span>;
}
