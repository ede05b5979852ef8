import type { OrgEvent } from '../../api/types';
import { plural } from '../../text/format';
import { Empty, ErrorNote, Loading } from '../../ui/Note';
import { EventRow } from './EventRow';
import type { LiveEvents } from './useLiveEvents';

export function EventList({ live, events }: { live: LiveEvents; events: OrgEvent[] }) {
  const { history } = live;
  if (history.isPending) return <Loading boxed rows={6} />;
  if (history.isError) return <ErrorNote error={history.error} onRetry={() => void history.refetch()} />;
  if (events.length === 0) {
    return (
      <Empty icon="events" title="No events">
        Everything that happens shows up here the moment it does. If you set a filter, try a wider one.
      </Empty>
    );
  }
  return (
    <>
      <p className="visually-hidden" aria-live="polite">
        {live.freshCount > 0 ? `${plural(live.freshCount, 'new event')}` : ''}
      </p>
      <ol className="events" aria-label="Events, newest first">
        {events.map((event) => (
          <EventRow key={event.seq} event={event} />
        ))}
      </ol>
    </>
  );
}
