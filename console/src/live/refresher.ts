// Reads again what events made stale, but not as often as events come.

type Key = readonly unknown[];

const SOON_MS = 400;
const LATER_MS = 2000;

/** Reads that cost the server more than one row, or that are more than one request. */
const COSTLY: ReadonlySet<unknown> = new Set(['overview', 'agents', 'tasks', 'comms', 'gateway', 'links', 'shared']);

export class Refresher {
  private readonly soon: Batch;
  private readonly later: Batch;

  constructor(read: (key: Key) => void) {
    this.soon = new Batch(SOON_MS, read);
    this.later = new Batch(LATER_MS, read);
  }

  add(key: Key): void {
    if (COSTLY.has(key[0])) this.later.add(key);
    else this.soon.add(key);
  }

  stop(): void {
    this.soon.stop();
    this.later.stop();
  }
}

class Batch {
  private readonly keys = new Map<string, Key>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly afterMs: number,
    private readonly read: (key: Key) => void,
  ) {}

  add(key: Key): void {
    this.keys.set(JSON.stringify(key), key);
    this.timer ??= setTimeout(() => this.flush(), this.afterMs);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private flush(): void {
    this.timer = undefined;
    const keys = [...this.keys.values()];
    this.keys.clear();
    for (const key of keys) this.read(key);
  }
}
