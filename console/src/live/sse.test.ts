import { describe, expect, it } from 'vitest';
import { readEvents, SseParser, type SseEvent } from './sse';

function parse(...pieces: string[]): SseEvent[] {
  const events: SseEvent[] = [];
  const parser = new SseParser((event) => events.push(event));
  for (const piece of pieces) parser.feed(piece);
  return events;
}

describe('SseParser', () => {
  it('reads id, type and data', () => {
    expect(parse('id: 7\nevent: message.delta\ndata: {"a":1}\n\n')).toEqual([
      { id: '7', event: 'message.delta', data: '{"a":1}' },
    ]);
  });

  it('gives the same events however the text is cut', () => {
    const text = '\uFEFF: hello\r\nid: 1\r\nevent: x\r\ndata: a\r\ndata: b\r\n\r\nid: 2\rdata:c\r\rdata: ö 🚀\n\n';
    const whole = parse(text);
    expect(whole).toEqual([
      { id: '1', event: 'x', data: 'a\nb' },
      { id: '2', event: 'message', data: 'c' },
      { id: '2', event: 'message', data: 'ö 🚀' },
    ]);
    expect(parse(...text)).toEqual(whole);
    for (let cut = 1; cut < text.length; cut += 1) expect(parse(text.slice(0, cut), text.slice(cut))).toEqual(whole);
  });

  it('passes over comments, unknown fields and blocks without data', () => {
    expect(parse(': ping\n\nretry: 100\n\nevent: x\n\nfoo: bar\ndata\n\n')).toEqual([
      { id: '', event: 'message', data: '' },
    ]);
  });

  it('keeps an event that has not ended to itself', () => {
    expect(parse('data: half\n')).toEqual([]);
  });

  it('takes off one leading space only', () => {
    expect(parse('data:  two\n\n')[0]?.data).toBe(' two');
  });
});

describe('readEvents', () => {
  it('joins characters that are split over network pieces', async () => {
    const bytes = new TextEncoder().encode('data: 🚀\n\n');
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
        controller.close();
      },
    });
    const events: SseEvent[] = [];
    for await (const event of readEvents(new Response(body))) events.push(event);
    expect(events).toEqual([{ id: '', event: 'message', data: '🚀' }]);
  });
});
