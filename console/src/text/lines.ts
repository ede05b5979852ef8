// What differs between two texts, line by line.

export interface Line {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

/** A run of lines that are shown, or of unchanged ones that are folded away. */
export type Run = { kind: 'shown'; lines: Line[] } | { kind: 'folded'; lines: Line[] };

/** Beyond this many pairs of lines, the middle is told as replaced: the exact answer would take too long. */
const MOST_PAIRS = 4_000_000;

/** The fewest removed and added lines that make `after` out of `before`. */
export function differ(before: string, after: string): Line[] {
  const a = linesOf(before);
  const b = linesOf(after);
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  const most = Math.min(a.length, b.length) - head;
  while (tail < most && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  return [
    ...marked('same', a.slice(0, head)),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...marked('same', a.slice(a.length - tail)),
  ];
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.split('\n');
}

function marked(kind: Line['kind'], lines: string[]): Line[] {
  return lines.map((text) => ({ kind, text }));
}

function middle(a: string[], b: string[]): Line[] {
  if (a.length * b.length > MOST_PAIRS) return [...marked('removed', a), ...marked('added', b)];
  const width = b.length + 1;
  const common = longestCommon(a, b, width);
  const lines: Line[] = [];
  let [at, bt] = [0, 0];
  while (at < a.length || bt < b.length) {
    if (at < a.length && bt < b.length && a[at] === b[bt]) {
      lines.push({ kind: 'same', text: a[at] ?? '' });
      at += 1;
      bt += 1;
    } else if (at < a.length && (bt === b.length || below(common, at, bt, width) >= beside(common, at, bt, width))) {
      lines.push({ kind: 'removed', text: a[at] ?? '' });
      at += 1;
    } else {
      lines.push({ kind: 'added', text: b[bt] ?? '' });
      bt += 1;
    }
  }
  return lines;
}

const below = (common: Uint32Array, at: number, bt: number, width: number) => common[(at + 1) * width + bt] ?? 0;
const beside = (common: Uint32Array, at: number, bt: number, width: number) => common[at * width + bt + 1] ?? 0;

/** At [i, j], how many lines the rests of both from there on have in common. */
function longestCommon(a: string[], b: string[], width: number): Uint32Array {
  const common = new Uint32Array((a.length + 1) * width);
  for (let at = a.length - 1; at >= 0; at -= 1) {
    for (let bt = b.length - 1; bt >= 0; bt -= 1) {
      const isSame = a[at] === b[bt];
      common[at * width + bt] = isSame
        ? 1 + (common[(at + 1) * width + bt + 1] ?? 0)
        : Math.max(below(common, at, bt, width), beside(common, at, bt, width));
    }
  }
  return common;
}

/** Folds long runs of unchanged lines, but for a few around each change. */
export function fold(lines: Line[], around = 3): Run[] {
  const isNear = nearChange(lines, around);
  const runs: Run[] = [];
  lines.forEach((line, index) => {
    const kind = isNear[index] ? 'shown' : 'folded';
    const last = runs.at(-1);
    if (last?.kind === kind) last.lines.push(line);
    else runs.push({ kind, lines: [line] });
  });
  // A fold over a line or two would take as much room as they do.
  return joined(runs.map((run) => (run.lines.length <= 2 ? { ...run, kind: 'shown' } : run)));
}

function nearChange(lines: Line[], around: number): boolean[] {
  const isNear = lines.map(() => false);
  lines.forEach((line, index) => {
    if (line.kind === 'same') return;
    for (let near = Math.max(0, index - around); near <= index + around && near < lines.length; near += 1) {
      isNear[near] = true;
    }
  });
  return isNear;
}

function joined(runs: Run[]): Run[] {
  const result: Run[] = [];
  for (const run of runs) {
    const last = result.at(-1);
    if (last?.kind === run.kind) last.lines.push(...run.lines);
    else result.push({ ...run, lines: [...run.lines] });
  }
  return result;
}

export function countChanges(lines: Line[]): { added: number; removed: number } {
  const count = (kind: Line['kind']) => lines.filter((line) => line.kind === kind).length;
  return { added: count('added'), removed: count('removed') };
}
