import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'react-router';
import { useAgents } from '../../api/agents';
import { useMay } from '../../api/session';
import { Button, ButtonLink } from '../../ui/Button';
import { Empty, ErrorNote, Loading } from '../../ui/Note';
import { Page } from '../../ui/Page';
import { AgentTable } from './AgentTable';
import { useListState, type ListState } from './useListState';

export function AgentsPage() {
  const list = useListState();
  const agents = useAgents(list.filter);
  const mayCreate = useMay('operator');
  const found = agents.data?.data ?? [];
  return (
    <Page
      title="Agents"
      actions={
        mayCreate && (
          <ButtonLink to="/agents/new" look="primary" icon="plus">
            New agent
          </ButtonLink>
        )
      }
    >
      <Filters list={list} />
      {agents.isPending && <Loading boxed rows={8} />}
      {agents.isError && <ErrorNote error={agents.error} onRetry={() => void agents.refetch()} />}
      {agents.isSuccess && found.length === 0 && <NothingFound list={list} mayCreate={mayCreate} />}
      {found.length > 0 && <AgentTable agents={found} dimmed={agents.isPlaceholderData} />}
      {agents.isSuccess && (
        <Paging list={list} next={agents.isPlaceholderData ? '' : (agents.data.nextPageToken ?? '')} />
      )}
    </Page>
  );
}

const SETTLE_MS = 250;

function Filters({ list }: { list: ListState }) {
  const { q } = list;
  const [text, setText] = useState(q);
  const field = useRef<HTMLInputElement>(null);
  const { state } = useLocation() as { state: { focusSearch?: boolean } | null };

  useEffect(() => setText(q), [q]);
  useEffect(() => {
    if (state?.focusSearch) field.current?.focus();
  }, [state]);
  useEffect(() => {
    if (text.trim() === q) return;
    const timer = setTimeout(() => list.set('q', text.trim()), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text]);

  return (
    <form className="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <label className="filter grow">
        <span>Search</span>
        <input
          ref={field}
          className="input"
          type="search"
          placeholder="Name or description ( / )"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <Select
        list={list}
        name="lifecycle"
        label="Lifecycle"
        any="Any"
        options={['active', 'paused', 'stopped', 'error']}
      />
      <Select
        list={list}
        name="presence"
        label="Presence"
        any="Any"
        options={['online', 'busy', 'idle', 'offline', 'error']}
      />
      <Select list={list} name="sort" label="Sort by" any="name" options={['created', 'updated']} />
    </form>
  );
}

interface SelectProps {
  list: ListState;
  name: 'lifecycle' | 'presence' | 'sort';
  label: string;
  any: string;
  options: string[];
}

function Select({ list, name, label, any, options }: SelectProps) {
  return (
    <label className="filter">
      <span>{label}</span>
      <select className="input" value={list.get(name)} onChange={(event) => list.set(name, event.target.value)}>
        <option value="">{any}</option>
        {options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    </label>
  );
}

function NothingFound({ list, mayCreate }: { list: ListState; mayCreate: boolean }) {
  if (list.isFiltered) {
    return (
      <Empty icon="search" title="No agent matches" action={<Button onClick={list.clear}>Clear the filters</Button>}>
        Try other words, or leave out a filter.
      </Empty>
    );
  }
  if (!mayCreate) {
    return (
      <Empty icon="agents" title="No agents yet">
        Ask an operator or admin to create one.
      </Empty>
    );
  }
  return (
    <Empty
      icon="agents"
      title="No agents yet"
      action={
        <ButtonLink to="/agents/new" look="primary" icon="plus">
          New agent
        </ButtonLink>
      }
    >
      An agent has a name, instructions and a model. Create one and say hello.
    </Empty>
  );
}

function Paging({ list, next }: { list: ListState; next: string }) {
  if (!next && !list.isLaterPage) return null;
  return (
    <nav className="paging" aria-label="Pages">
      <Button icon="back" disabled={!list.isLaterPage} onClick={list.previous}>
        Previous
      </Button>
      <Button disabled={!next} onClick={() => list.next(next)}>
        Next
      </Button>
    </nav>
  );
}
