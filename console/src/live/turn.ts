// The state of one running turn, folded from the events of its stream.
import type { Message } from '../api/types';
import { applyDelta, EMPTY, type Delta, type Reply } from './delta';
import type { SseEvent } from './sse';

export interface ToolCall {
  id: string;
  name: string;
  arguments?: unknown;
  result?: unknown;
  ok?: boolean;
  durationMs?: number;
}

export interface LiveTurn {
  /** The message whose turn this is. */
  messageId: string;
  turnId: string;
  phase: 'waiting' | 'running' | 'completed' | 'failed';
  reply: Reply;
  tools: ToolCall[];
  message?: Message;
  error?: { code: string; message: string };
}

interface ToolStarted {
  turn_id: string;
  call_id: string;
  name: string;
  arguments?: unknown;
}

interface ToolFinished {
  turn_id: string;
  call_id: string;
  name: string;
  ok: boolean;
  result?: unknown;
  duration_ms?: number;
}

export type TurnEvent =
  | { type: 'message.accepted'; data: Message }
  | { type: 'message.delta'; data: Delta & { turn_id: string } }
  | { type: 'tool.started'; data: ToolStarted }
  | { type: 'tool.finished'; data: ToolFinished }
  | { type: 'message.completed'; data: { turn_id: string; message: Message } }
  | { type: 'turn.failed'; data: { turn_id: string; error: { code: string; message: string } } };

const TYPES: ReadonlySet<string> = new Set<TurnEvent['type']>([
  'message.accepted',
  'message.delta',
  'tool.started',
  'tool.finished',
  'message.completed',
  'turn.failed',
]);

/** Events of a kind that this console does not know are passed over. */
export function parseTurnEvent(event: SseEvent): TurnEvent | null {
  if (!TYPES.has(event.event)) return null;
  return { type: event.event, data: JSON.parse(event.data) } as TurnEvent;
}

export function endsTurn(event: TurnEvent): boolean {
  return event.type === 'message.completed' || event.type === 'turn.failed';
}

export function waiting(messageId: string): LiveTurn {
  return { messageId, turnId: '', phase: 'waiting', reply: EMPTY, tools: [] };
}

export function advance(turn: LiveTurn, event: TurnEvent): LiveTurn {
  if (event.type === 'message.accepted') return { ...turn, messageId: event.data.id };
  const running = runningIn(turn, event.data.turn_id);
  switch (event.type) {
    case 'message.delta':
      return { ...running, reply: applyDelta(running.reply, event.data) };
    case 'tool.started':
      return { ...running, tools: withCall(running.tools, started(event.data)) };
    case 'tool.finished':
      return { ...running, tools: withCall(running.tools, finished(event.data)) };
    case 'message.completed':
      return { ...running, phase: 'completed', message: event.data.message };
    case 'turn.failed':
      return { ...running, phase: 'failed', error: event.data.error };
  }
}

/** A message that went back into the queue is taken up by another turn, which begins from nothing. */
function runningIn(turn: LiveTurn, turnId: string): LiveTurn {
  const isAnother = turn.turnId !== '' && turn.turnId !== turnId;
  return { ...(isAnother ? waiting(turn.messageId) : turn), turnId, phase: 'running' };
}

function started(data: ToolStarted): ToolCall {
  return { id: data.call_id, name: data.name, ...(data.arguments !== undefined && { arguments: data.arguments }) };
}

function finished(data: ToolFinished): ToolCall {
  return {
    id: data.call_id,
    name: data.name,
    ok: data.ok,
    ...(data.result !== undefined && { result: data.result }),
    ...(data.duration_ms !== undefined && { durationMs: data.duration_ms }),
  };
}

function withCall(calls: ToolCall[], call: ToolCall): ToolCall[] {
  if (!calls.some((known) => known.id === call.id)) return [...calls, call];
  return calls.map((known) => (known.id === call.id ? { ...known, ...call } : known));
}
