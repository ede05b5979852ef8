import { expect, it } from 'vitest';
import type { Message } from '../../api/types';
import { fateOf } from './fate';

const AT = '2026-11-22T10:00:00Z';

function message(change: Partial<Message>): Message {
  return {
    id: 'msg_1',
    role: 'user',
    content: 'Are you there?',
    status: 'pending',
    channel: 'network',
    queue_mode: 'interrupt',
    conversation_id: 'conv_1',
    created_at: AT,
    ...change,
  };
}

it('a message waits until it is delivered, and then for the reply', () => {
  expect(fateOf(message({}), 'Ann')).toEqual({ text: 'Queued until Ann is there', tone: 'quiet' });
  expect(fateOf(message({ delivered_at: AT }), 'Ann')).toMatchObject({ tone: 'busy' });
  expect(fateOf(message({ status: 'processing' }), 'Ann')).toMatchObject({ tone: 'busy' });
});

it('one that was acknowledged waits for nothing any more', () => {
  const fate = fateOf(message({ status: 'completed', delivered_at: AT, read_at: AT }), 'Ann');
  expect(fate.text).toMatch(/^Acknowledged at .+, no reply$/);
  expect(fate.tone).toBe('quiet');
  expect(fateOf(message({ status: 'completed' }), 'Ann')).toEqual({ text: 'Done, no reply', tone: 'quiet' });
});

it('of one that failed or timed out it is told why', () => {
  const late = message({ status: 'failed', error: 'the turn took longer than 60 seconds' });
  expect(fateOf(late, 'Ann')).toEqual({ text: 'the turn took longer than 60 seconds', tone: 'bad' });
  expect(fateOf(message({ status: 'failed' }), 'Ann').tone).toBe('bad');
  expect(fateOf(message({ status: 'cancelled' }), 'Ann').text).toMatch(/^Cancelled/);
});
