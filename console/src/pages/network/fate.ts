// What has become of a message that has no reply, in words.
import type { Message } from '../../api/types';
import { time } from '../../text/format';

export interface Fate {
  text: string;
  /** `busy` as long as a reply may be on its way. */
  tone: 'quiet' | 'busy' | 'bad';
}

export function fateOf(message: Message, name: string): Fate {
  switch (message.status) {
    case 'failed':
      return { text: message.error || 'It failed; there will be no reply.', tone: 'bad' };
    case 'cancelled':
      return { text: message.error || 'Cancelled; there will be no reply.', tone: 'bad' };
    case 'completed':
      return { text: acknowledged(message), tone: 'quiet' };
    case 'processing':
      return { text: `${name} is working on it…`, tone: 'busy' };
    case 'pending':
      return message.delivered_at
        ? { text: 'Delivered, waiting for the reply…', tone: 'busy' }
        : { text: `Queued until ${name} is there`, tone: 'quiet' };
  }
}

function acknowledged({ read_at: at }: Message): string {
  return at ? `Acknowledged at ${time(at)}, no reply` : 'Done, no reply';
}
