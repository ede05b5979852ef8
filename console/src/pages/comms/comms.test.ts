import { describe, expect, it } from 'vitest';
import { messagesOf } from '../../api/comms';
import type { CommsEdge, CommsMessage } from '../../api/types';
import { draw, edgesOf, HEIGHT, WIDTH } from './graph';
import { daysOf } from './thread';

const at = (local: string) => Math.floor(new Date(local).getTime() / 1000);

function message(id: number, from: string, to: string, when: string): CommsMessage {
  const twice = { from_agent: from, to_agent: to, message: `m${id}`, message_type: 'text' };
  return { id, from, to, content: `m${id}`, type: 'text', read_at: null, created_at: at(when), ...twice };
}

const talk = [
  message(1, 'Ann', 'Bob', '2026-11-21T09:00'),
  message(2, 'Bob', 'Ann', '2026-11-21T23:59'),
  message(3, 'Bob', 'Ann', '2026-11-22T00:01'),
  message(4, 'Cleo', 'Ann', '2026-11-22T08:00'),
  message(5, 'Ann', 'Bob', '2026-11-22T07:00'),
];

describe('the thread', () => {
  it('is by day and pair, the latest first, and within a pair in order', () => {
    const read = daysOf([...talk].sort((a, b) => a.created_at - b.created_at));
    const seen = read.map((day) =>
      day.exchanges.map(({ pair, messages }) => [pair.join('-'), messages.map((m) => m.id)]),
    );
    expect(seen).toEqual([
      [
        ['Ann-Cleo', [4]],
        ['Ann-Bob', [3, 5]],
      ],
      [['Ann-Bob', [1, 2]]],
    ]);
  });

  it('has each message once, oldest first, however the pages overlap', () => {
    const graph = { edges: [], agentStats: [] };
    const pages = [talk.slice(2), talk.slice(0, 3)].map((messages, at) => ({
      messages,
      graph,
      start: 2 - at,
      since: 0,
    }));
    expect(messagesOf({ pages, pageParams: [null, null] }).map((each) => each.id)).toEqual([1, 2, 3, 5, 4]);
  });
});

const edge = (from_agent: string, to_agent: string, message_count: number): CommsEdge => ({
  from_agent,
  to_agent,
  message_count,
  last_message_at: 1,
});

describe('the graph', () => {
  const edges = [edge('Ann', 'Bob', 9), edge('Bob', 'Ann', 4), edge('Cleo', 'Dan', 2), edge('Ann', 'Dan', 1)];

  it('draws everybody on the picture, the busiest largest', () => {
    const { dots, left } = draw(edges);
    const sizes = Object.fromEntries(dots.map((dot) => [dot.name, dot.r]));
    expect(left).toBe(0);
    expect(Object.keys(sizes).sort()).toEqual(['Ann', 'Bob', 'Cleo', 'Dan']);
    expect(sizes['Ann']).toBeGreaterThan(sizes['Cleo'] ?? 0);
    for (const dot of dots) {
      expect([dot.x > dot.r, dot.x < WIDTH - dot.r]).toEqual([true, true]);
      expect([dot.y > dot.r, dot.y < HEIGHT - dot.r]).toEqual([true, true]);
    }
  });

  it('puts those who talk most with each other side by side', () => {
    const names = draw(edges).dots.map((dot) => dot.name);
    expect(names.slice(0, 2)).toEqual(['Ann', 'Bob']);
  });

  it('draws both directions as lines of their own, the heavier one thicker', () => {
    const { lines } = draw(edges);
    const width = (from: string, to: string) => lines.find((line) => line.from === from && line.to === to)?.width ?? 0;
    expect(lines).toHaveLength(4);
    expect(width('Ann', 'Bob')).toBeGreaterThan(width('Bob', 'Ann'));
    expect(new Set(lines.map((line) => line.path)).size).toBe(4);
  });

  it('leaves out those who talk least when there are too many', () => {
    const { dots, lines, left } = draw(edges, 2);
    expect(dots.map((dot) => dot.name)).toEqual(['Ann', 'Bob']);
    expect([lines.length, left]).toEqual([2, 2]);
  });

  it('draws nothing out of nothing, and one who writes to itself as a dot', () => {
    expect(draw([])).toEqual({ dots: [], lines: [], left: 0 });
    const alone = draw([edge('Ann', 'Ann', 3)]);
    expect([alone.dots.length, alone.lines.length]).toEqual([1, 0]);
  });

  it('has a table with the most first', () => {
    const table = edgesOf({ edges: [...edges].reverse(), agentStats: [] });
    expect(table.map((each) => each.message_count)).toEqual([9, 4, 2, 1]);
  });
});
