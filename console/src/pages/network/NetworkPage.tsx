import { useDeferredValue, useMemo } from 'react';
import { Link } from 'react-router';
import { MOST_LINKS, useLinks, useNetworkStats } from '../../api/links';
import { useMay } from '../../api/session';
import type { Link as LiveLink, NetworkStats } from '../../api/types';
import { bytes, count } from '../../text/format';
import { Button, ButtonLink } from '../../ui/Button';
import { Figure } from '../../ui/Facts';
import { FilterField } from '../../ui/FilterField';
import { Empty, ErrorNote, Loading } from '../../ui/Note';
import { Page } from '../../ui/Page';
import { useFilters } from '../../ui/useFilters';
import { LinkMap } from './LinkMap';
import { LinkPanel } from './LinkPanel';
import { LinkTable } from './LinkTable';

/** The agents that have dialled in, live. `?agent=<id>` opens one. */
export function NetworkPage() {
  const list = useLinks();
  const filters = useFilters();
  const [q, presence, chosen] = [filters.get('q'), filters.get('presence'), filters.get('agent')];
  const all = useDeferredValue(list.data?.links ?? NONE);
  const links = useMemo(() => all.filter((link) => fits(link, q, presence)), [all, q, presence]);
  const choose = (agent: string) => filters.set('agent', agent);
  const clear = () => {
    filters.set('q', '');
    filters.set('presence', '');
  };
  return (
    <Page title="Network" lead="Agents that run elsewhere and have dialled in, live.">
      <Figures />
      {list.isPending && <Loading boxed rows={8} />}
      {list.isError && <ErrorNote error={list.error} onRetry={() => void list.refetch()} />}
      {list.isSuccess && all.length === 0 && <Nobody />}
      {all.length > 0 && (
        <>
          <Filters filters={filters} />
          {list.data?.hasMore && (
            <p className="note busy network-more">
              More than {count(MOST_LINKS)} agents are connected; these are the ones that have been there the longest.
            </p>
          )}
          {links.length === 0 && (
            <Empty
              icon="search"
              title="No connected agent fits"
              action={<Button onClick={clear}>Clear the filters</Button>}
            >
              Try other words, or look among <Link to="/agents">all agents</Link>.
            </Empty>
          )}
          {links.length > 0 && (
            <>
              <section className="card map-card" aria-label="Map">
                <LinkMap links={links} chosen={chosen} onChoose={choose} />
                <Legend />
              </section>
              <LinkTable links={links} chosen={chosen} onChoose={choose} />
            </>
          )}
        </>
      )}
      {chosen && <LinkPanel key={chosen} agentId={chosen} onClose={() => choose('')} />}
    </Page>
  );
}

const NONE: LiveLink[] = [];

function fits(link: LiveLink, q: string, presence: string): boolean {
  if (presence && link.presence !== presence) return false;
  const words = `${link.name} ${link.agentId} ${link.machineId} ${link.version ?? ''} ${link.node}`.toLowerCase();
  return words.includes(q.toLowerCase());
}

function Figures() {
  const stats = useNetworkStats();
  const shown = (figure: (stats: NetworkStats) => string) => (stats.data ? figure(stats.data) : '–');
  return (
    <dl className="figures four">
      <Figure name="Connections" value={shown((all) => count(all.totalConnections))} />
      <Figure name="Agents online" value={shown((all) => count(all.onlineAgents))} />
      <Figure name="Agents in all" value={shown((all) => count(all.totalAgents))} />
      <Figure name="Carried so far" value={shown((all) => bytes(all.bytesTransferred))} />
    </dl>
  );
}

function Filters({ filters }: { filters: ReturnType<typeof useFilters> }) {
  return (
    <form className="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <FilterField
        label="Search"
        placeholder="Name, machine, version, node"
        value={filters.get('q')}
        onCommit={(text) => filters.set('q', text)}
      />
      <label className="filter">
        <span>Presence</span>
        <select
          className="input"
          value={filters.get('presence')}
          onChange={(event) => filters.set('presence', event.target.value)}
        >
          <option value="">Any</option>
          <option>online</option>
          <option>busy</option>
          <option>idle</option>
        </select>
      </label>
    </form>
  );
}

function Legend() {
  return (
    <p className="map-legend">
      <span className="dot good" /> online <span className="dot busy" /> busy <span className="dot info" /> idle
      <span className="map-size">Larger dots have carried more; a ring means that something just came or went.</span>
    </p>
  );
}

function Nobody() {
  const mayEnrol = useMay('admin');
  return (
    <Empty
      icon="network"
      title="Nobody is connected"
      action={
        mayEnrol && (
          <ButtonLink to="/tokens" look="primary" icon="token">
            Agent tokens
          </ButtonLink>
        )
      }
    >
      {mayEnrol
        ? 'Make a token, start an agent with it on any machine, and it shows up here.'
        : 'Agents show up here as soon as they dial in. An admin makes the tokens for that.'}
    </Empty>
  );
}
