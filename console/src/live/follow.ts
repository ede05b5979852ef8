// Follows a message's turn to its end, over as many connections as it takes.
import { ApiError } from '../api/client';
import { openStream } from '../api/messages';
import { readEvents } from './sse';
import { endsTurn, parseTurnEvent, type TurnEvent } from './turn';

interface Following {
  agentId: string;
  /** Empty when `first` is the answer to the POST that makes the message. */
  messageId: string;
  first?: Response;
  signal: AbortSignal;
}

const LONGEST_WAIT_MS = 8000;

/**
 * Yields the events of the turn; ends after the one that ends the turn.
 *
 * A lost connection is taken up again after the last event that was seen. Refusals are thrown.
 */
export async function* followTurn({ agentId, messageId, first, signal }: Following): AsyncGenerator<TurnEvent> {
  let response = first;
  let id = messageId;
  let lastEventId = '';
  let failures = 0;
  while (!signal.aborted) {
    try {
      response ??= await openStream(agentId, id, lastEventId, signal);
      for await (const raw of readEvents(response)) {
        failures = 0;
        if (raw.id) lastEventId = raw.id;
        const event = parseTurnEvent(raw);
        if (!event) continue;
        if (event.type === 'message.accepted') id = event.data.id;
        yield event;
        if (endsTurn(event)) return;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (isRefusal(error) || !id) throw error;
    }
    response = undefined;
    failures += 1;
    await pause(Math.min(250 * 2 ** failures, LONGEST_WAIT_MS), signal);
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
