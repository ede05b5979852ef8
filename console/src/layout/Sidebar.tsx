import { Link, NavLink } from 'react-router';
import { rank, useLogout, useSession } from '../api/session';
import { useFeedState } from '../live/EventsProvider';
import type { FeedState } from '../live/feed';
import { Avatar } from '../ui/Avatar';
import { IconButton } from '../ui/Button';
import { Icon, Mark } from '../ui/Icon';
import { SearchButton } from './palette/SearchButton';
import { PLACES, type Place, type PlaceGroup } from './places';
import { ThemeSwitch } from './ThemeSwitch';

export function Sidebar({ onClose }: { onClose?: () => void }) {
  const user = useSession();
  const logout = useLogout();
  return (
    <div className="sidebar-inner">
      <div className="sidebar-head">
        <Link to="/" className="brand">
          <Mark size={24} />
          <span>
            Muster
            <small>{user.org.name || user.org.id}</small>
          </span>
        </Link>
        {onClose && <IconButton icon="close" label="Close menu" onClick={onClose} />}
      </div>
      <SearchButton onOpen={onClose} />
      <nav aria-label="Main">
        {PLACES.map((group) => (
          <NavGroup key={group.name} group={group} />
        ))}
      </nav>
      <div className="sidebar-foot">
        <LiveState />
        <ThemeSwitch />
        <div className="whoami">
          <Avatar name={user.displayName || user.username} />
          <span className="whoami-name">
            {user.displayName || user.username}
            <small>{user.role}</small>
          </span>
          <IconButton icon="exit" label="Log out" onClick={() => logout.mutate()} />
        </div>
      </div>
    </div>
  );
}

function NavGroup({ group }: { group: PlaceGroup }) {
  const user = useSession();
  const places = group.places.filter((place) => rank(user.role) >= rank(place.floor));
  if (places.length === 0) return null;
  return (
    <>
      {group.name && <h2>{group.name}</h2>}
      {places.map((place) => (
        <NavItem key={place.to} place={place} />
      ))}
    </>
  );
}

function NavItem({ place }: { place: Place }) {
  return (
    <NavLink to={place.to} end={place.to === '/'}>
      <Icon name={place.icon} />
      {place.name}
    </NavLink>
  );
}

const FEED: Record<FeedState, { tone: string; text: string }> = {
  open: { tone: 'good', text: 'Live' },
  connecting: { tone: 'busy', text: 'Connecting…' },
  lost: { tone: 'bad', text: 'Connection lost, trying again…' },
};

function LiveState() {
  const { tone, text } = FEED[useFeedState()];
  return (
    <p className="live-state" role="status">
      <span className={`dot ${tone}`} />
      {text}
    </p>
  );
}
