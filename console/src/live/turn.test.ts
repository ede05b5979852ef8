import { describe, expect, it } from 'vitest';
import { advance, endsTurn, parseTurnEvent, waiting, type TurnEvent } from './turn';

const events: TurnEvent[] = [
  { type: 'message.delta', data: { turn_id: 't1', text: 'Let me look. ', offset: 0 } },
  { type: 'tool.started', data: { turn_id: 't1', call_id: 'c1', name: 'current_time', arguments: { zone: 'UTC' } } },
  {
    type: 'tool.finished',
    data: { turn_id: 't1', call_id: 'c1', name: 'current_time', ok: true, result: 12, duration_ms: 3 },
  },
  { type: 'message.delta', data: { turn_id: 't1', text: 'Noon.', offset: 13 } },
];

describe('a live turn', () => {
  it('waits until its first event', () => {
    expect(waiting('m1')).toMatchObject({ messageId: 'm1', phase: 'waiting', turnId: '' });
  });

  it('gathers text and tool calls', () => {
    const turn = events.reduce(advance, waiting('m1'));
    expect(turn.reply.text).toBe('Let me look. Noon.');
    expect(turn.tools).toEqual([
      { id: 'c1', name: 'current_time', arguments: { zone: 'UTC' }, ok: true, result: 12, durationMs: 3 },
    ]);
    expect(turn).toMatchObject({ phase: 'running', turnId: 't1' });
  });

  it('is the same after a replay', () => {
    const once = events.reduce(advance, waiting('m1'));
    expect(events.reduce(advance, once)).toEqual(once);
  });

  it('begins from nothing when another turn takes the message up', () => {
    const first = events.reduce(advance, waiting('m1'));
    const second = advance(first, { type: 'message.delta', data: { turn_id: 't2', text: 'Anew.', offset: 0 } });
    expect(second).toMatchObject({ turnId: 't2', reply: { text: 'Anew.' }, tools: [] });
  });

  it('ends with a failure', () => {
    const failed: TurnEvent = {
      type: 'turn.failed',
      data: { turn_id: 't1', error: { code: 'TIMEOUT', message: 'too slow' } },
    };
    expect(endsTurn(failed)).toBe(true);
    expect(advance(waiting('m1'), failed)).toMatchObject({ phase: 'failed', error: { code: 'TIMEOUT' } });
  });
});

describe('parseTurnEvent', () => {
  it('passes over events that it does not know', () => {
    expect(parseTurnEvent({ id: '1', event: 'something.new', data: 'not json' })).toBeNull();
  });
});
