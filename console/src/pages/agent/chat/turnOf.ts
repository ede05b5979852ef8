// Which turn does a message belong to?
import type { Message, TurnSummary } from '../../../api/types';

/** Clocks of one process: a reply is stored within moments of its turn's end. */
const CLOSE_MS = 5000;

/**
 * The id that the message carries, else that of the turn which ended or began at the message's time.
 *
 * An answered message has none: its reply leads to the turn.
 */
export function turnOf(message: Message, turns: TurnSummary[]): string {
  const isReply = message.role !== 'user';
  const isUnanswered = message.status === 'failed' || message.status === 'cancelled';
  if (!isReply && !isUnanswered) return '';
  return message.turn_id || nearest(Date.parse(message.created_at), isReply, turns);
}

function nearest(at: number, isReply: boolean, turns: TurnSummary[]): string {
  let found = '';
  let distance = CLOSE_MS;
  for (const turn of turns) {
    if (isReply !== (turn.state === 'succeeded')) continue;
    const mark = isReply ? turn.finishedAt : turn.createdAt;
    const away = mark ? Math.abs(Date.parse(mark) - at) : Infinity;
    if (away < distance) [found, distance] = [turn.id, away];
  }
  return found;
}
