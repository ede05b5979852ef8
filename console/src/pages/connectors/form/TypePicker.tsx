import { useState } from 'react';
import type { ConnectorType } from '../../../api/types';
import { Avatar } from '../../../ui/Avatar';
import { Empty } from '../../../ui/Note';

/** The types of sources as cards; typing narrows them. */
export function TypePicker({ types, onPick }: { types: ConnectorType[]; onPick: (type: string) => void }) {
  const [typed, setTyped] = useState('');
  const wanted = typed.trim().toLowerCase();
  const fitting = types.filter(({ title, type, summary }) =>
    `${title} ${type} ${summary}`.toLowerCase().includes(wanted),
  );
  return (
    <>
      <label className="filter picker-filter">
        <span>What do you want to connect?</span>
        <input
          className="input"
          type="search"
          placeholder="PostgreSQL, GitHub, Prometheus…"
          autoComplete="off"
          autoFocus
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </label>
      {fitting.length === 0 && (
        <Empty icon="search" title="No type fits">
          A service with a JSON API can be connected as “HTTP”.
        </Empty>
      )}
      <ul className="type-cards">
        {fitting.map(({ type, title, summary }) => (
          <li key={type}>
            <button type="button" className="type-card" onClick={() => onPick(type)}>
              <Avatar name={title} />
              <b>{title}</b>
              <span>{summary}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
