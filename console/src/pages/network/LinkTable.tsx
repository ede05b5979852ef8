import { useState } from 'react';
import type { Link } from '../../api/types';
import { bytes, plural } from '../../text/format';
import { Avatar } from '../../ui/Avatar';
import { PresenceLabel } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Ago } from '../../ui/Time';

const SHOWN = 100;

interface TableProps {
  links: Link[];
  chosen: string;
  onChoose: (agentId: string) => void;
}

/** The same as the map, to be read. */
export function LinkTable({ links, chosen, onChoose }: TableProps) {
  const [shown, setShown] = useState(SHOWN);
  return (
    <>
      <div className="table-wrap">
        <table className="table">
          <caption className="visually-hidden">Connected agents, the longest first</caption>
          <thead>
            <tr>
              <th scope="col">Agent</th>
              <th scope="col">Presence</th>
              <th scope="col" className="number">
                Connected
              </th>
              <th scope="col" className="from-medium number">
                Last active
              </th>
              <th scope="col" className="from-medium">
                Version
              </th>
              <th scope="col" className="from-wide number">
                Received
              </th>
              <th scope="col" className="from-wide number">
                Sent
              </th>
              <th scope="col" className="from-wide">
                Node
              </th>
            </tr>
          </thead>
          <tbody>
            {links.slice(0, shown).map((link) => (
              <Row key={link.agentId} link={link} isChosen={link.agentId === chosen} onChoose={onChoose} />
            ))}
          </tbody>
        </table>
      </div>
      {links.length > shown && (
        <div className="more-pages">
          <Button onClick={() => setShown(shown + SHOWN)}>Show more of {plural(links.length, 'agent')}</Button>
        </div>
      )}
    </>
  );
}

interface RowProps {
  link: Link;
  isChosen: boolean;
  onChoose: (agentId: string) => void;
}

function Row({ link, isChosen, onChoose }: RowProps) {
  return (
    <tr className={isChosen ? 'chosen' : ''}>
      <th scope="row" className="cell-name">
        <span className="with-avatar">
          <Avatar name={link.name} />
          <span>
            <button type="button" className="row-link as-link" onClick={() => onChoose(link.agentId)}>
              {link.name}
            </button>
            <small>{link.machineId}</small>
          </span>
        </span>
      </th>
      <td>
        <PresenceLabel state={link.presence} />
      </td>
      <td className="number muted">
        <Ago at={link.since} />
      </td>
      <td className="from-medium number muted">
        <Ago at={link.lastActivityAt} />
      </td>
      <td className="from-medium mono">{link.version || <span className="muted">–</span>}</td>
      <td className="from-wide number">{bytes(link.bytesIn)}</td>
      <td className="from-wide number">{bytes(link.bytesOut)}</td>
      <td className="from-wide mono muted cell-node" title={link.node}>
        {link.node}
      </td>
    </tr>
  );
}
