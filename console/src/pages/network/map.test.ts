import { describe, expect, it } from 'vitest';
import type { Link } from '../../api/types';
import { draw, NARROW, neighbour, WIDE } from './map';

function links(count: number): Link[] {
  return Array.from({ length: count }, (_, index) => ({
    agentId: `agent-${index}`,
    name: `agent ${index}`,
    presence: 'online' as const,
    since: new Date(index * 1000).toISOString(),
    version: null,
    machineId: 'm',
    node: 'n',
    bytesIn: index,
    bytesOut: index,
    lastActivityAt: new Date(0).toISOString(),
  }));
}

describe('the map', () => {
  it.each([0, 1, 2, 24, 25, 400, 1000])('has room for %i agents', (count) => {
    for (const size of [WIDE, NARROW]) {
      const { dots, hasLines } = draw(links(count), size);
      expect(dots).toHaveLength(count);
      expect(hasLines).toBe(count <= 24);
      expect(dots.every(({ x, y, r }) => x > r && y > r && x < size.width - r && y < size.height - r)).toBe(true);
    }
  });

  it('dots of the field do not lie on each other', () => {
    const { dots } = draw(links(400));
    const gaps = dots.flatMap((a, index) => dots.slice(index + 1).map((b) => Math.hypot(a.x - b.x, a.y - b.y)));
    expect(Math.min(...gaps)).toBeGreaterThan(3);
  });

  it('who comes later does not take the place of who was there', () => {
    const [few, more] = [draw(links(400)), draw(links(401))];
    const moved = few.dots.map((dot, index) => Math.hypot(dot.x - more.dots[index]!.x, dot.y - more.dots[index]!.y));
    expect(Math.max(...moved)).toBeLessThan(2);
  });

  it('arrow keys go to the nearest in their direction', () => {
    const { dots } = draw(links(4));
    const [top, right, bottom] = dots;
    expect(neighbour(dots, top!, 'ArrowDown')).toBe(bottom);
    expect(neighbour(dots, bottom!, 'ArrowRight')).toBe(right);
    expect(neighbour(dots, top!, 'ArrowUp')).toBeUndefined();
  });
});
