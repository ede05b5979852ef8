// Everything behind the login: knows the user, follows the org's events, draws the frame.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Navigate, useLocation } from 'react-router';
import { session } from '../api/client';
import { markSignedIn } from '../api/hint';
import { ME, SessionContext, useMe } from '../api/session';
import { EventsProvider } from '../live/EventsProvider';
import { ErrorNote, Loading } from '../ui/Note';
import { Shell } from './Shell';

export function Behind() {
  const me = useMe();
  const place = useLocation();
  useSessionEnd();

  if (me.isPending)
    return (
      <main className="alone">
        <Loading rows={3} />
      </main>
    );
  if (me.isError && !me.data) {
    return (
      <main className="alone">
        <ErrorNote error={me.error} onRetry={() => void me.refetch()} />
      </main>
    );
  }
  if (!me.data) {
    const next = place.pathname + place.search;
    return <Navigate to={next === '/' ? '/login' : `/login?next=${encodeURIComponent(next)}`} replace />;
  }
  return (
    <SessionContext value={me.data}>
      <EventsProvider>
        <Shell />
      </EventsProvider>
    </SessionContext>
  );
}

/** A 401 from anywhere leads to the login page, which leads back here. */
function useSessionEnd() {
  const cache = useQueryClient();
  useEffect(() => {
    const onEnd = () => {
      markSignedIn(false);
      cache.setQueryData(ME, null);
    };
    session.addEventListener('ended', onEnd);
    return () => session.removeEventListener('ended', onEnd);
  }, [cache]);
}
