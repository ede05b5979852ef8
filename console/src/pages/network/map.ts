// Where the connected agents stand on the map: few in a ring around the server, with their names; many as the seeds of
// a sunflower, so that any number has room.
import type { Link } from '../../api/types';

export const WIDTH = 900;
export const HEIGHT = 430;
const CENTRE = { x: WIDTH / 2, y: HEIGHT / 2 };
/** More than this are a field of dots without names. */
const IN_RING = 24;
const RING = { x: 300, y: 158 };
const STRETCH = RING.x / RING.y;
/** Dots of the field begin this far from the server and end this far, upwards. */
const FIELD = { from: 52, to: 200 };
const GOLDEN = Math.PI * (3 - Math.sqrt(5));

export interface Dot {
  link: Link;
  x: number;
  y: number;
  r: number;
  label: { dx: number; dy: number; anchor: 'start' | 'middle' | 'end' } | null;
}

export interface Picture {
  dots: Dot[];
  /** Whether there is a line from the server to each. */
  hasLines: boolean;
}

/** Those that have been there the longest keep their places when others come. */
export function draw(links: Link[]): Picture {
  const sorted = [...links].sort((a, b) => compare(a.since, b.since) || compare(a.agentId, b.agentId));
  const most = Math.max(1, ...sorted.map(traffic));
  const isRing = sorted.length <= IN_RING;
  const dots = sorted.map((link, index) => {
    const share = Math.sqrt(traffic(link) / most);
    return isRing ? inRing(link, index, sorted.length, share) : inField(link, index, sorted.length, share);
  });
  return { dots, hasLines: isRing };
}

export function traffic({ bytesIn, bytesOut }: Link): number {
  return bytesIn + bytesOut;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function inRing(link: Link, index: number, count: number, share: number): Dot {
  const angle = (index / count) * 2 * Math.PI - Math.PI / 2;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const r = 8 + 7 * share;
  const away = r + 8;
  const anchor = Math.abs(cos) < 0.25 ? 'middle' : cos > 0 ? 'start' : 'end';
  return {
    link,
    r: round(r),
    x: round(CENTRE.x + RING.x * cos),
    y: round(CENTRE.y + RING.y * sin),
    label: { dx: anchor === 'middle' ? 0 : round(away * Math.sign(cos)), dy: labelDrop(anchor, sin, away), anchor },
  };
}

function labelDrop(anchor: string, sin: number, away: number): number {
  return anchor === 'middle' ? round(Math.sign(sin) * (away + 3) + 4) : 4;
}

function inField(link: Link, index: number, count: number, share: number): Dot {
  const far = FIELD.from + (FIELD.to - FIELD.from) * Math.sqrt((index + 0.5) / count);
  const angle = index * GOLDEN;
  const room = Math.min(9, 150 / Math.sqrt(count));
  return {
    link,
    r: round(room * (0.6 + 0.4 * share)),
    x: round(CENTRE.x + far * STRETCH * Math.cos(angle)),
    y: round(CENTRE.y + far * Math.sin(angle)),
    label: null,
  };
}

/** The dot that lies nearest in the direction of an arrow key. */
export function neighbour(dots: Dot[], from: Dot, key: string): Dot | undefined {
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  if (!way) return undefined;
  const [wx = 0, wy = 0] = way;
  let best: { dot: Dot; cost: number } | undefined;
  for (const dot of dots) {
    const along = (dot.x - from.x) * wx + (dot.y - from.y) * wy;
    const aside = Math.abs((dot.x - from.x) * wy) + Math.abs((dot.y - from.y) * wx);
    if (along <= 0.5) continue;
    const cost = along + 2 * aside;
    if (!best || cost < best.cost) best = { dot, cost };
  }
  return best?.dot;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
