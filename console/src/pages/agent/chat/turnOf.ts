// Which turn does a message belong to?
import type { Message, TurnSummary } from '../../../api/types';

/** Clocks of one process: a reply is stored within moments of its turn's end. */
const CLOSE_MS = 5000;

/** The id that the message carries, else that of the turn which ended or began at the message's time. */
export function turnOf(message: Message, turns: TurnSummary[]): string {
  if (message.turn_id) return message.turn_id;
  const isReply = message.role !== 'user';
  if (!isReply && message.status !== 'failed' && message.status !== 'cancelled') return '';
  const at = Date.parse(message.created_at);
  let nearest = '';
  let distance = CLOSE_MS;
  for (const turn of turns) {
    if (isReply !== (turn.state === 'succeeded')) continue;
    const mark = isReply ? turn.finishedAt : turn.createdAt;
    const away = mark ? Math.abs(Date.parse(mark) - at) : Infinity;
    if (away < distance) [nearest, distance] = [turn.id, away];
  }
  return nearest;
}
