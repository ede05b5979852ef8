import { afterEach, describe, expect, it, vi } from 'vitest';
import { followTurn } from './follow';
import type { TurnEvent } from './turn';

const PART_ONE = 'id: 1\nevent: message.delta\ndata: {"turn_id":"t","text":"one ","offset":0}\n\n';
const PART_TWO = 'id: 2\nevent: message.delta\ndata: {"turn_id":"t","text":"two","offset":4}\n\n';
const END = 'id: 3\nevent: turn.failed\ndata: {"turn_id":"t","error":{"code":"TIMEOUT","message":"slow"}}\n\n';

function serve(...answers: (Response | Error)[]) {
  const calls: { url: string; lastEventId: string | undefined }[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const headers = init.headers as Record<string, string>;
    calls.push({ url, lastEventId: headers['last-event-id'] });
    const answer = answers.shift() ?? new Response(null, { status: 500 });
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return calls;
}

async function gather(first?: Response): Promise<TurnEvent['type'][]> {
  const types: TurnEvent['type'][] = [];
  const signal = new AbortController().signal;
  const following = { agentId: 'a', messageId: first ? '' : 'm', signal, ...(first && { first }) };
  for await (const event of followTurn(following)) types.push(event.type);
  return types;
}

afterEach(() => vi.unstubAllGlobals());

describe('following a turn', () => {
  it('takes a dropped stream up after the last event that was seen', async () => {
    const calls = serve(new Response(PART_ONE), new TypeError('network'), new Response(PART_TWO + END));
    expect(await gather()).toEqual(['message.delta', 'message.delta', 'turn.failed']);
    expect(calls.map((call) => call.lastEventId)).toEqual([undefined, '1', '1']);
  });

  it('goes on by the id of the accepted message when the answer to the POST breaks off', async () => {
    const calls = serve(new Response(END));
    const accepted = 'event: message.accepted\ndata: {"id":"msg_1"}\n\n';
    expect(await gather(new Response(accepted))).toEqual(['message.accepted', 'turn.failed']);
    expect(calls[0]?.url).toBe('/v1/agent/a/messages/msg_1/stream');
  });

  it('gives up when it is refused', async () => {
    serve(new Response('{"success":false,"error":{"code":"NOT_FOUND","message":"no"}}', { status: 404 }));
    await expect(gather()).rejects.toMatchObject({ status: 404 });
  });
});
