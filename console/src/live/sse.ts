// Reads `text/event-stream` from a fetch response. EventSource cannot POST nor tell a refusal from a lost connection.

export interface SseEvent {
  id: string;
  event: string;
  data: string;
}

/** Takes text in pieces of any size and calls `emit` for every event that has ended. */
export class SseParser {
  private buffer = '';
  private id = '';
  private event = '';
  private data: string[] = [];
  private started = false;

  constructor(private readonly emit: (event: SseEvent) => void) {}

  feed(piece: string): void {
    this.buffer += this.started ? piece : piece.replace(/^\uFEFF/, '');
    if (piece) this.started = true;
    let end = this.lineEnd();
    while (end) {
      const line = this.buffer.slice(0, end.at);
      this.buffer = this.buffer.slice(end.at + end.width);
      this.line(line);
      end = this.lineEnd();
    }
  }

  /** Lines end with LF, CR or CRLF; a CR at the very end may still become a CRLF. */
  private lineEnd(): { at: number; width: number } | null {
    const at = this.buffer.search(/[\r\n]/);
    if (at < 0) return null;
    if (this.buffer[at] === '\n') return { at, width: 1 };
    if (at === this.buffer.length - 1) return null;
    return { at, width: this.buffer[at + 1] === '\n' ? 2 : 1 };
  }

  private line(line: string): void {
    if (line === '') return this.dispatch();
    if (line.startsWith(':')) return;
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') this.data.push(value);
    else if (name === 'event') this.event = value;
    else if (name === 'id' && !value.includes('\0')) this.id = value;
  }

  private dispatch(): void {
    const { id, event, data } = this;
    this.event = '';
    this.data = [];
    if (data.length > 0) this.emit({ id, event: event || 'message', data: data.join('\n') });
  }
}

/** The events of a response until it ends or breaks; a broken connection throws. */
export async function* readEvents(response: Response): AsyncGenerator<SseEvent> {
  if (!response.body) return;
  const ready: SseEvent[] = [];
  const parser = new SseParser((event) => ready.push(event));
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* ready.splice(0);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
