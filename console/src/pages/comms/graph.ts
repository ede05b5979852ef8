// Where the agents of the graph stand, and the lines between them: a circle on which those who talk much are neighbours.
import type { CommsEdge, CommsGraph } from '../../api/types';

export const WIDTH = 760;
export const HEIGHT = 470;
/** Leaves room for the names around the circle. */
const RADIUS = 185;
const CENTRE = { x: WIDTH / 2, y: HEIGHT / 2 };
const SMALLEST = 5;
const LARGEST = 15;
const THICKEST = 6;

export interface Dot {
  name: string;
  messages: number;
  x: number;
  y: number;
  r: number;
  label: { x: number; y: number; anchor: 'start' | 'middle' | 'end' };
}

export interface Line {
  from: string;
  to: string;
  messages: number;
  width: number;
  path: string;
}

export interface Picture {
  dots: Dot[];
  lines: Line[];
  /** Agents that talk too little to be drawn beside so many; the table has them. */
  left: number;
}

/** The most first. */
export function edgesOf(graph: CommsGraph): CommsEdge[] {
  return [...graph.edges].sort((a, b) => b.message_count - a.message_count || b.last_message_at - a.last_message_at);
}

export function draw(edges: CommsEdge[], most = 24): Picture {
  const traffic = trafficOf(edges);
  const busiest = [...traffic].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const names = around(
    busiest.slice(0, most).map(([name]) => name),
    edges,
  );
  const top = busiest[0]?.[1] ?? 1;
  const dots = names.map((name, index) => dotAt(name, index / names.length, traffic.get(name) ?? 0, top));
  const byName = new Map(dots.map((dot) => [dot.name, dot]));
  const heaviest = Math.max(1, ...edges.map((edge) => edge.message_count));
  const lines = edges.flatMap((edge) => {
    const [from, to] = [byName.get(edge.from_agent), byName.get(edge.to_agent)];
    return from && to && from !== to ? [lineOf(from, to, edge.message_count, heaviest)] : [];
  });
  return { dots, lines, left: busiest.length - names.length };
}

function trafficOf(edges: CommsEdge[]): Map<string, number> {
  const traffic = new Map<string, number>();
  for (const { from_agent, to_agent, message_count } of edges) {
    for (const name of new Set([from_agent, to_agent])) traffic.set(name, (traffic.get(name) ?? 0) + message_count);
  }
  return traffic;
}

/** Beside each agent comes the one that it talks most with of those that have no place yet. */
function around(names: string[], edges: CommsEdge[]): string[] {
  const left = new Set(names);
  const placed: string[] = [];
  while (left.size > 0) {
    const last = placed.at(-1);
    const next = (last && closest(last, left, edges)) || [...left][0];
    if (next === undefined) break;
    left.delete(next);
    placed.push(next);
  }
  return placed;
}

function closest(name: string, left: ReadonlySet<string>, edges: CommsEdge[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { from_agent, to_agent, message_count } of edges) {
    const other = from_agent === name ? to_agent : to_agent === name ? from_agent : '';
    if (left.has(other)) counts.set(other, (counts.get(other) ?? 0) + message_count);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

function dotAt(name: string, share: number, messages: number, top: number): Dot {
  const angle = share * 2 * Math.PI - Math.PI / 2;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const r = SMALLEST + (LARGEST - SMALLEST) * Math.sqrt(messages / top);
  const away = RADIUS + r + 9;
  const anchor = Math.abs(cos) < 0.2 ? 'middle' : cos > 0 ? 'start' : 'end';
  return {
    name,
    messages,
    r: round(r),
    x: round(CENTRE.x + RADIUS * cos),
    y: round(CENTRE.y + RADIUS * sin),
    label: { x: round(CENTRE.x + away * cos), y: round(CENTRE.y + away * sin + 4 + sin * 5), anchor },
  };
}

/** Bent towards the middle and a little to its right, so that both directions of a pair can be told apart. */
function lineOf(from: Dot, to: Dot, messages: number, heaviest: number): Line {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const width = 1.2 + (THICKEST - 1.2) * Math.sqrt(messages / heaviest);
  const bend = {
    x: (from.x + to.x) / 2 + (CENTRE.x - (from.x + to.x) / 2) * 0.3 - (dy / length) * 14,
    y: (from.y + to.y) / 2 + (CENTRE.y - (from.y + to.y) / 2) * 0.3 + (dx / length) * 14,
  };
  const begin = towards(from, bend, from.r + 1);
  const end = towards(to, bend, to.r + 10);
  const path = `M${begin.x} ${begin.y}Q${round(bend.x)} ${round(bend.y)} ${end.x} ${end.y}`;
  return { from: from.name, to: to.name, messages, width: round(width), path };
}

function towards(from: { x: number; y: number }, to: { x: number; y: number }, by: number) {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return {
    x: round(from.x + ((to.x - from.x) / length) * by),
    y: round(from.y + ((to.y - from.y) / length) * by),
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
