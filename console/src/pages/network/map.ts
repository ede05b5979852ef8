// Where the connected agents stand on the map: few in a ring around the server, with their names; many as the seeds of
// a sunflower, so that any number has room.
import type { Link } from '../../api/types';

/** A picture's size, and where the dots of a ring or a field are on it. */
export interface Size {
  width: number;
  height: number;
  ring: { x: number; y: number };
  /** The most letters of a name beside its dot. */
  letters: number;
}

export const WIDE: Size = { width: 900, height: 430, ring: { x: 300, y: 158 }, letters: 20 };
/** For phones: what is drawn as large as on a desk would be too small to read. */
export const NARROW: Size = { width: 460, height: 430, ring: { x: 118, y: 158 }, letters: 11 };

/** More than this are a field of dots without names. */
const IN_RING = 24;
/** Dots of the field begin this far from the server and end this far, upwards. */
const FIELD = { from: 52, to: 200 };
const GOLDEN = Math.PI * (3 - Math.sqrt(5));

export interface Dot {
  link: Link;
  x: number;
  y: number;
  r: number;
  label: { text: string; dx: number; dy: number; anchor: 'start' | 'middle' | 'end' } | null;
}

export interface Picture {
  size: Size;
  dots: Dot[];
  /** Whether there is a line from the server to each. */
  hasLines: boolean;
}

/** Those that have been there the longest keep their places when others come. */
export function draw(links: Link[], size: Size = WIDE): Picture {
  const sorted = [...links].sort((a, b) => compare(a.since, b.since) || compare(a.agentId, b.agentId));
  const most = Math.max(1, ...sorted.map(traffic));
  const isRing = sorted.length <= IN_RING;
  const dots = sorted.map((link, index) => {
    const share = Math.sqrt(traffic(link) / most);
    const at = { index, count: sorted.length, size };
    return isRing ? inRing(link, at, share) : inField(link, at, share);
  });
  return { size, dots, hasLines: isRing };
}

export function traffic({ bytesIn, bytesOut }: Link): number {
  return bytesIn + bytesOut;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Which of how many dots it is, on a picture of which size. */
interface Place {
  index: number;
  count: number;
  size: Size;
}

function inRing(link: Link, { index, count, size }: Place, share: number): Dot {
  const angle = (index / count) * 2 * Math.PI - Math.PI / 2;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const r = 8 + 7 * share;
  const away = r + 8;
  const anchor = Math.abs(cos) < 0.25 ? 'middle' : cos > 0 ? 'start' : 'end';
  const dx = anchor === 'middle' ? 0 : round(away * Math.sign(cos));
  return {
    link,
    r: round(r),
    x: round(size.width / 2 + size.ring.x * cos),
    y: round(size.height / 2 + size.ring.y * sin),
    label: { text: cut(link.name, size.letters), dx, dy: labelDrop(anchor, sin, away), anchor },
  };
}

function cut(name: string, letters: number): string {
  return name.length > letters ? `${name.slice(0, letters - 1)}…` : name;
}

function labelDrop(anchor: string, sin: number, away: number): number {
  return anchor === 'middle' ? round(Math.sign(sin) * (away + 3) + 4) : 4;
}

function inField(link: Link, { index, count, size }: Place, share: number): Dot {
  const far = FIELD.from + (FIELD.to - FIELD.from) * Math.sqrt((index + 0.5) / count);
  const angle = index * GOLDEN;
  const stretch = size.ring.x / size.ring.y;
  const room = Math.min(9, (150 * Math.min(1, stretch)) / Math.sqrt(count));
  return {
    link,
    r: round(room * (0.6 + 0.4 * share)),
    x: round(size.width / 2 + far * stretch * Math.cos(angle)),
    y: round(size.height / 2 + far * Math.sin(angle)),
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
