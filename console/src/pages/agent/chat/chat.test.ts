import { describe, expect, it } from 'vitest';
import { flatten, withMessage } from '../../../api/messages';
import type { Message } from '../../../api/types';
import { nextToFollow } from './useFollow';

function message(id: string, change: Partial<Message> = {}): Message {
  const created_at = '2026-11-22T12:00:00Z';
  const sent = {
    id,
    role: 'user',
    content: id,
    channel: 'api',
    queue_mode: 'collect',
    conversation_id: 'c',
    created_at,
  };
  return { ...sent, status: 'completed', ...change };
}

describe('the history', () => {
  it('is oldest first over all pages, each message once', () => {
    const newest = { messages: [message('m2'), message('m3')], has_more: true };
    const older = { messages: [message('m1'), message('m2')], has_more: false };
    const data = { pages: [newest, older], pageParams: ['', 'm2'] };
    expect(flatten(data).map((each) => each.id)).toEqual(['m1', 'm2', 'm3']);
  });

  it('takes a new message at the end and replaces a known one in its place', () => {
    const one = withMessage(undefined, message('m1'));
    const two = withMessage(one, message('m2'));
    const again = withMessage(two, message('m1', { content: 'changed' }));
    expect(flatten(again).map((each) => each.content)).toEqual(['changed', 'm2']);
  });
});

describe('what is followed next', () => {
  const queue = [message('m1'), message('m2', { status: 'pending' }), message('m3', { status: 'processing' })];

  it('is the message that is being answered, then the queue', () => {
    expect(nextToFollow(queue, new Set())).toBe('m3');
    expect(nextToFollow(queue, new Set(['m3']))).toBe('m2');
    expect(nextToFollow(queue, new Set(['m2', 'm3']))).toBe('');
  });
});
