import { Link } from 'react-router';
import type { CommsGraph } from '../../api/types';

export function threadOf(agent: string): string {
  return `/comms?agent=${encodeURIComponent(agent)}`;
}

/** Who of those who talk is an agent; the others are people and programs. */
export function namesOf(graph: CommsGraph | undefined): ReadonlySet<string> {
  return new Set(graph?.agentStats.map(({ agent }) => agent));
}

/** The name of one who talks; that of an agent leads to what it said and was told. */
export function TalkerLink({ name, agents }: { name: string; agents: ReadonlySet<string> }) {
  return agents.has(name) ? <Link to={threadOf(name)}>{name}</Link> : name;
}
