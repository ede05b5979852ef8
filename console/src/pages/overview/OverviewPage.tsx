import { useOverview } from '../../api/org';
import { useMay, useSession } from '../../api/session';
import type { Lifecycle, Overview, Presence } from '../../api/types';
import { count, short } from '../../text/format';
import { lifecycleTone, presenceTone } from '../../ui/Badge';
import { ButtonLink } from '../../ui/Button';
import { Figure } from '../../ui/Facts';
import { Empty, ErrorNote, Loading } from '../../ui/Note';
import { Card, Page } from '../../ui/Page';
import { HoursChart } from './HoursChart';
import { RecentEvents } from './RecentEvents';
import { Shares, type Share } from './Shares';

const LIFECYCLES: Lifecycle[] = ['active', 'paused', 'stopped', 'error'];
const PRESENCES: Presence[] = ['online', 'busy', 'idle', 'offline', 'error'];

export function OverviewPage() {
  const overview = useOverview();
  const user = useSession();
  const mayCreate = useMay('operator');
  return (
    <Page
      title="Overview"
      lead={user.org.name || user.org.id}
      actions={
        mayCreate && (
          <ButtonLink to="/agents/new" look="primary" icon="plus">
            New agent
          </ButtonLink>
        )
      }
    >
      {overview.isPending && <Loading rows={6} />}
      {overview.isError && <ErrorNote error={overview.error} onRetry={() => void overview.refetch()} />}
      {overview.data?.agents.total === 0 && <Welcome mayCreate={mayCreate} />}
      {overview.data && <Figures overview={overview.data} />}
    </Page>
  );
}

function Welcome({ mayCreate }: { mayCreate: boolean }) {
  if (!mayCreate) {
    return (
      <Empty icon="agents" title="No agents yet">
        As soon as an operator has created one, it shows up here.
      </Empty>
    );
  }
  return (
    <Empty
      icon="agents"
      title="Create your first agent"
      action={
        <ButtonLink to="/agents/new" look="primary" icon="plus">
          New agent
        </ButtonLink>
      }
    >
      Give it a name and instructions, then talk to it right here or over the API.
    </Empty>
  );
}

function Figures({ overview }: { overview: Overview }) {
  const { agents, turns } = overview;
  const lifecycle: Share[] = LIFECYCLES.map((name) => ({
    name,
    value: agents.lifecycle[name] ?? 0,
    tone: lifecycleTone(name),
    to: `/agents?lifecycle=${name}`,
  }));
  const presence: Share[] = PRESENCES.map((name) => ({
    name,
    value: agents.presence[name] ?? 0,
    tone: presenceTone(name),
    to: `/agents?presence=${name}`,
  }));
  return (
    <>
      <dl className="figures">
        <Figure name="Agents" value={count(agents.total)} to="/agents" />
        <Figure name="Running turns" value={count(turns.running)} />
        <Figure name="Queued turns" value={count(turns.queued)} />
        <Figure
          name="Failed turns, 24 h"
          value={count(turns.failed24h)}
          bad={turns.failed24h > 0}
          to="/events?type=turn.failed"
        />
        <Figure name="Output tokens, 24 h" value={short(overview.outputTokens24h)} />
      </dl>
      <div className="overview-grid">
        <Card title="Messages per hour">
          <HoursChart hours={overview.messagesPerHour} />
        </Card>
        <Card title="Agents">
          <Shares title="Presence" shares={presence} />
          <Shares title="Lifecycle" shares={lifecycle} />
        </Card>
      </div>
      <RecentEvents />
    </>
  );
}
