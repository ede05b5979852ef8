// One EventSource over the org's event log that survives restarts of the server and sleeping windows.
import { path, queryString } from '../api/client';
import type { OrgEvent } from '../api/types';

export type FeedState = 'connecting' | 'open' | 'lost';
type Listener = (event: OrgEvent) => void;

const RETRY_MS = 2000;
/** Browsers allow six connections to a host, for all windows together: a hidden window gives its one back. */
const HIDDEN_MS = 60_000;

export class EventFeed {
  private readonly listeners = new Set<Listener>();
  private source: EventSource | null = null;
  private lastSeq = 0;
  private timer = 0;
  private opened = false;

  constructor(private readonly org: string) {}

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** `onGap` is called when events may have been missed, so that what is shown is read again. */
  start(onState: (state: FeedState) => void, onGap: () => void): () => void {
    const connect = () => this.connect(onState, onGap);
    const onVisibility = () => {
      clearTimeout(this.timer);
      if (document.hidden) this.timer = window.setTimeout(() => this.close(), HIDDEN_MS);
      else if (!this.source) connect();
    };
    document.addEventListener('visibilitychange', onVisibility);
    connect();
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      this.close();
    };
  }

  private connect(onState: (state: FeedState) => void, onGap: () => void): void {
    this.close();
    onState('connecting');
    const query = queryString({ flat: true, after: this.lastSeq || undefined });
    const source = new EventSource(path`/v1/orgs/${this.org}/events` + query);
    this.source = source;
    source.onopen = () => {
      // Without a place to resume from, whatever happened while the connection was down went unseen.
      if (this.opened && this.lastSeq === 0) onGap();
      this.opened = true;
      onState('open');
    };
    source.onmessage = ({ data }: MessageEvent<string>) => this.receive(JSON.parse(data) as OrgEvent);
    source.onerror = () => {
      onState('lost');
      // A refusal ends an EventSource for good; a lost connection it takes up again by itself.
      if (source.readyState !== EventSource.CLOSED) return;
      onGap();
      this.timer = window.setTimeout(() => this.connect(onState, onGap), RETRY_MS);
    };
  }

  private receive(event: OrgEvent): void {
    if (event.seq <= this.lastSeq) return;
    this.lastSeq = event.seq;
    for (const listener of [...this.listeners]) listener(event);
  }

  private close(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }
}
