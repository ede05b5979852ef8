import { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router';
import type { EventFilter } from '../../api/events';
import { plural } from '../../text/format';
import { Button } from '../../ui/Button';
import { MorePages } from '../../ui/MorePages';
import { Page } from '../../ui/Page';
import { EventList } from './EventList';
import { useLiveEvents } from './useLiveEvents';

const LIMIT = 100;
const FAMILIES = ['agent.', 'message.', 'turn.', 'tool.', 'memory.', 'key.', 'user.', 'access.', 'org.', 'secrets.'];
const COMMON = [
  'message.received',
  'message.completed',
  'message.failed',
  'turn.failed',
  'tool.called',
  'access.refused',
];

export function EventsPage() {
  const [params, setParams] = useSearchParams();
  const [held, setHeld] = useState(false);
  const filter = filterOf(params);
  const live = useLiveEvents(filter, LIMIT, held);
  const set = (name: string, value: string) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        if (value) after.set(name, value);
        else after.delete(name);
        return after;
      },
      { replace: true },
    );

  return (
    <Page
      title="Events"
      lead="Everything that happens in this organization, in one ordered log."
      actions={
        <Button icon={held ? 'play' : 'pause'} onClick={() => setHeld(!held)} aria-pressed={held}>
          {held ? resumeText(live.waitingCount) : 'Hold'}
        </Button>
      }
    >
      <form className="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <FilterField
          label="Type or prefix"
          name="type"
          value={params.get('type') ?? ''}
          onCommit={set}
          list="event-types"
          placeholder="turn."
        />
        <FilterField
          label="Subject"
          name="subject"
          value={params.get('subject') ?? ''}
          onCommit={set}
          placeholder="agent-…"
        />
        <datalist id="event-types">
          {[...FAMILIES, ...COMMON].map((type) => (
            <option key={type} value={type} />
          ))}
        </datalist>
      </form>
      <EventList live={live} events={live.events} />
      <MorePages list={live.history} label="Load older events" />
    </Page>
  );
}

function filterOf(params: URLSearchParams): EventFilter {
  const type = asType(params.get('type') ?? '');
  const subject = params.get('subject');
  return { ...(type && { type }), ...(subject && { subject }) };
}

/** Every type has a full stop, so a single word is meant as a prefix. */
function asType(text: string): string {
  return text === '' || text.includes('.') ? text : `${text}.`;
}

function resumeText(waiting: number): string {
  return waiting > 0 ? `Show ${plural(waiting, 'new event')}` : 'Go on';
}

interface FilterFieldProps {
  label: string;
  name: string;
  value: string;
  onCommit: (name: string, value: string) => void;
  list?: string;
  placeholder: string;
}

const SETTLE_MS = 350;

/** A filter that takes effect when typing pauses. */
function FilterField({ label, name, value, onCommit, list, placeholder }: FilterFieldProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => onCommit(name, text.trim()), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <label className="filter">
      <span>{label}</span>
      <input
        className="input"
        type={name === 'type' ? 'search' : 'text'}
        value={text}
        list={list}
        placeholder={placeholder}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
      />
    </label>
  );
}
