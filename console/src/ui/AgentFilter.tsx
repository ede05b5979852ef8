import { useId, useState } from 'react';
import { ApiError } from '../api/client';
import { AgentNames } from './AgentField';
import { Button } from './Button';
import { FilterField } from './FilterField';
import { Empty } from './Note';

interface AgentFilterProps {
  label: string;
  placeholder: string;
  value: string;
  onCommit: (name: string) => void;
}

/** A filter by the name of an agent, with suggestions. */
export function AgentFilter(props: AgentFilterProps) {
  const id = useId();
  const [typed, setTyped] = useState(props.value);
  return (
    <>
      <FilterField {...props} list={id} onInput={(event) => setTyped(event.currentTarget.value)} />
      <AgentNames id={id} typed={typed} />
    </>
  );
}

/** Whether a list was refused because there is no agent of the name that it is filtered by. */
export function isNoSuchAgent(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || 'assigned_to' in error.fields);
}

export function NoSuchAgent({ name, onClear }: { name: string; onClear: () => void }) {
  return (
    <Empty
      icon="search"
      title={`No agent is called ${name}`}
      action={<Button onClick={onClear}>Look at all agents</Button>}
    >
      Check the name, or begin to type and pick one.
    </Empty>
  );
}
