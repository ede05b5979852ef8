import { useState } from 'react';
import type { EventFilter } from '../../api/events';
import { plural } from '../../text/format';
import { Button } from '../../ui/Button';
import { FilterField } from '../../ui/FilterField';
import { MorePages } from '../../ui/MorePages';
import { Page } from '../../ui/Page';
import { useFilters } from '../../ui/useFilters';
import { EventList } from './EventList';
import { useLiveEvents } from './useLiveEvents';

const LIMIT = 100;
const FAMILIES = [
  'agent.',
  'message.',
  'turn.',
  'tool.',
  'task.',
  'memory.',
  'connector.',
  'key.',
  'user.',
  'access.',
  'org.',
  'secrets.',
];
const COMMON = [
  'message.received',
  'message.completed',
  'message.failed',
  'turn.failed',
  'tool.called',
  'access.refused',
];

export function EventsPage() {
  const filters = useFilters();
  const [held, setHeld] = useState(false);
  const filter = filterOf(filters.get);
  const live = useLiveEvents(filter, LIMIT, held);

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
          value={filters.get('type')}
          onCommit={(text) => filters.set('type', text)}
          list="event-types"
          placeholder="turn."
        />
        <FilterField
          label="Subject"
          type="text"
          value={filters.get('subject')}
          onCommit={(text) => filters.set('subject', text)}
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

function filterOf(get: (name: string) => string): EventFilter {
  const type = asType(get('type'));
  const subject = get('subject');
  return { ...(type && { type }), ...(subject && { subject }) };
}

/** Every type has a full stop, so a single word is meant as a prefix. */
function asType(text: string): string {
  return text === '' || text.includes('.') ? text : `${text}.`;
}

function resumeText(waiting: number): string {
  return waiting > 0 ? `Show ${plural(waiting, 'new event')}` : 'Go on';
}
