import { Link, NavLink } from 'react-router';
import { useLogout, useMay, useSession } from '../api/session';
import { useFeedState } from '../live/EventsProvider';
import type { FeedState } from '../live/feed';
import { IconButton } from '../ui/Button';
import { Icon, Mark, type IconName } from '../ui/Icon';
import { ThemeSwitch } from './ThemeSwitch';

export function Sidebar({ onClose }: { onClose?: () => void }) {
  const user = useSession();
  const isOperator = useMay('operator');
  const isAdmin = useMay('admin');
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
      <nav aria-label="Main">
        <NavItem to="/" icon="overview" end>
          Overview
        </NavItem>
        <NavItem to="/agents" icon="agents">
          Agents
        </NavItem>
        <NavItem to="/tasks" icon="tasks">
          Tasks
        </NavItem>
        <NavItem to="/comms" icon="comms">
          Comms
        </NavItem>
        <NavItem to="/events" icon="events">
          Events
        </NavItem>
        {isOperator && (
          <NavItem to="/gateway" icon="gateway">
            Gateway
          </NavItem>
        )}
        {isAdmin && (
          <>
            <h2>Administration</h2>
            <NavItem to="/keys" icon="keys">
              API keys
            </NavItem>
            <NavItem to="/users" icon="users">
              Users
            </NavItem>
            <NavItem to="/organization" icon="org">
              Organization
            </NavItem>
          </>
        )}
      </nav>
      <div className="sidebar-foot">
        <LiveState />
        <ThemeSwitch />
        <div className="whoami">
          <span className="avatar" aria-hidden="true">
            {(user.displayName || user.username).slice(0, 1).toUpperCase()}
          </span>
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

function NavItem({ to, icon, end, children }: { to: string; icon: IconName; end?: boolean; children: string }) {
  return (
    <NavLink to={to} end={end ?? false}>
      <Icon name={icon} />
      {children}
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
