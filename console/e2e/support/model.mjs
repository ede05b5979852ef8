// A model server of the OpenAI kind that the tests can hold still: it answers as the last message asks.
import { createServer } from 'node:http';

export async function startModel() {
  const held = [];
  const server = createServer(async (request, response) => {
    const { messages = [] } = await readJson(request);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const last = messages.at(-1) ?? {};
    const asked = textOf(messages.findLast((message) => message.role === 'user'));
    const say = (text) => send(response, { choices: [{ index: 0, delta: { role: 'assistant', content: text } }] });

    if (last.role !== 'tool' && asked.includes('use a tool')) {
      const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'current_time', arguments: '{}' } };
      send(response, { choices: [{ index: 0, delta: { role: 'assistant', tool_calls: [call] } }] });
      return finish(response, 'tool_calls');
    }
    if (asked.includes('hold')) {
      say('First part. ');
      await new Promise((resolve) => {
        held.push(resolve);
        response.on('close', resolve);
      });
      say('Second part.');
      return finish(response, 'stop');
    }
    for (const word of `You said: **${asked.trim()}**`.split(/(?<= )/)) say(word);
    finish(response, 'stop');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    /** Lets every held answer go on. */
    release: () => held.splice(0).forEach((go) => go()),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function send(response, body) {
  response.write(`data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'test', ...body })}\n\n`);
}

function finish(response, reason) {
  send(response, { choices: [{ index: 0, delta: {}, finish_reason: reason }] });
  send(response, { choices: [], usage: { prompt_tokens: 12, completion_tokens: 6, total_tokens: 18 } });
  response.end('data: [DONE]\n\n');
}

function textOf(message) {
  const content = message?.content ?? '';
  return typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('');
}

async function readJson(request) {
  let text = '';
  for await (const piece of request) text += piece;
  return text ? JSON.parse(text) : {};
}
