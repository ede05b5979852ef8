import { useDeferredValue, useId } from 'react';
import { useAgents } from '../api/agents';
import { TextField } from './Field';

interface AgentFieldProps {
  label: string;
  value: string;
  hint?: string;
  error?: string | undefined;
  placeholder?: string;
  required?: boolean;
  /** Names beside those of agents. */
  also?: string[];
  onChange: (name: string) => void;
}

/** The name of an agent, with the agents that fit what was typed as suggestions: there may be thousands. */
export function AgentField({ value, also = [], onChange, ...rest }: AgentFieldProps) {
  const id = useId();
  return (
    <>
      <TextField
        {...rest}
        list={id}
        autoComplete="off"
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <AgentNames id={id} typed={value} also={also} />
    </>
  );
}

const SHOWN = 20;

/** The suggestions of a field whose `list` is the id. */
export function AgentNames({ id, typed, also = [] }: { id: string; typed: string; also?: string[] }) {
  const agents = useAgents({ q: useDeferredValue(typed.trim()), sort: 'name', limit: SHOWN });
  const names = new Set([...also, ...(agents.data?.data ?? []).map((agent) => agent.name)]);
  return (
    <datalist id={id}>
      {[...names].map((name) => (
        <option key={name} value={name} />
      ))}
    </datalist>
  );
}
