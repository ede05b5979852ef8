import { Link } from 'react-router';
import { Card } from '../../ui/Page';
import { EventList } from '../events/EventList';
import { useLiveEvents } from '../events/useLiveEvents';

const SHOWN = 12;

/** The last few events; new ones come in on top. */
export function RecentEvents() {
  const live = useLiveEvents({}, SHOWN);
  return (
    <Card title="Recent events" aside={<Link to="/events">All events</Link>}>
      <EventList live={live} events={live.events.slice(0, SHOWN)} />
    </Card>
  );
}
