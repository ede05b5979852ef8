import { describe, expect, it } from 'vitest';
import { countChanges, differ, fold, type Line } from './lines';

const signs = { same: ' ', added: '+', removed: '-' };
const show = (lines: Line[]) => lines.map((line) => signs[line.kind] + line.text);

describe('the difference of two texts', () => {
  it('is the fewest lines that went and came', () => {
    expect(show(differ('a\nb\nc\nd', 'a\nc\nx\nd'))).toEqual([' a', '-b', ' c', '+x', ' d']);
  });

  it('names a changed line as removed, then added', () => {
    expect(show(differ('one\ntwo\nthree', 'one\n2\nthree'))).toEqual([' one', '-two', '+2', ' three']);
  });

  it('is nothing for equal texts, and everything from or to nothing', () => {
    expect(countChanges(differ('a\nb', 'a\nb'))).toEqual({ added: 0, removed: 0 });
    expect(show(differ('', 'a\nb'))).toEqual(['+a', '+b']);
    expect(show(differ('a', ''))).toEqual(['-a']);
  });

  it('turns the one text into the other, whatever they are', () => {
    let seed = 7;
    const random = (most: number) => (seed = (seed * 48271) % 2147483647) % most;
    const text = () => Array.from({ length: random(12) }, () => 'abc'[random(3)]).join('\n');
    for (let round = 0; round < 300; round += 1) {
      const [before, after] = [text(), text()];
      const lines = differ(before, after);
      const side = (gone: Line['kind']) => lines.filter((line) => line.kind !== gone).map((line) => line.text);
      expect(side('added').join('\n')).toBe(before);
      expect(side('removed').join('\n')).toBe(after);
    }
  });

  it('stays quick when nothing of two long texts is the same', () => {
    const long = (letter: string) => Array.from({ length: 25_000 }, (_, index) => `${letter}${index}`).join('\n');
    expect(countChanges(differ(long('a'), long('b')))).toEqual({ added: 25_000, removed: 25_000 });
  });
});

describe('folding', () => {
  const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => String(from + index));

  it('keeps three lines around a change', () => {
    const before = numbers(0, 30).join('\n');
    const runs = fold(differ(before, before.replace('15', 'fifteen')));
    expect(runs.map((run) => [run.kind, run.lines.length])).toEqual([
      ['folded', 12],
      ['shown', 8],
      ['folded', 11],
    ]);
  });

  it('does not fold a line or two', () => {
    const before = numbers(0, 12).join('\n');
    const runs = fold(differ(before, before.replace('3', 'three').replace('11', 'eleven')));
    expect(runs.map((run) => run.kind)).toEqual(['shown']);
  });
});
