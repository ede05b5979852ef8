import { memo, useState } from 'react';
import { Link } from 'react-router';
import type { JsonObject, OrgEvent } from '../../api/types';
import { agentOf } from '../../live/stale';
import { moment, preciseTime } from '../../text/format';
import type { Tone } from '../../ui/Badge';
import { Json } from '../../ui/Json';

/** One line of the log; opens to the whole event. */
export const EventRow = memo(function EventRow({ event }: { event: OrgEvent }) {
  const [open, setOpen] = useState(false);
  return (
    <li>
      <details onToggle={(toggle) => setOpen(toggle.currentTarget.open)}>
        <summary>
          <time dateTime={event.at} title={moment(event.at)}>
            {preciseTime(event.at)}
          </time>
          <span className="event-type">
            <span className={`dot ${toneOf(event.type)}`} />
            {event.type}
          </span>
          <span className="event-gist">{gist(event)}</span>
          <span className="event-actor">{event.actor.name || event.actor.kind}</span>
          <span className="event-seq">#{event.seq}</span>
        </summary>
        {open && (
          <div className="event-body">
            {isAgent(agentOf(event)) && <Link to={`/agents/${agentOf(event)}`}>Open the agent</Link>}
            <Json label="Event" value={event} />
          </div>
        )}
      </details>
    </li>
  );
});

function toneOf(type: string): Tone {
  const last = type.split('.').at(-1) ?? '';
  if (/failed|refused|deleted|error/.test(last)) return 'bad';
  if (/completed|succeeded|created|activated|resumed|login/.test(last)) return 'good';
  if (/started|called|received|retried|requeued/.test(last)) return 'busy';
  return 'quiet';
}

/** The most telling text of an event: a preview, an error, a name, or what it is about. */
function gist(event: OrgEvent): string {
  const { data, subject } = event;
  const error = data['error'];
  const said = data['preview'] ?? data['message'] ?? data['name'] ?? data['tool'] ?? data['turnId'];
  if (isObject(error)) return String(error['message'] ?? error['code'] ?? '');
  if (typeof error === 'string') return error;
  return typeof said === 'string' && said ? said : subject;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAgent(id: string): boolean {
  return id.startsWith('agent-');
}
