// A JSON API as other systems have them, for connectors to read.
import { createServer } from 'node:http';

export const SOURCE_TOKEN = 'let me in';

/** Answers orders to who has the token; `/slow` never answers, `/broken` fails. */
export async function startSource() {
  const asked = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://source');
    asked.push(`${request.method} ${request.url}`);
    const say = (status, body) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (request.headers.authorization !== `Bearer ${SOURCE_TOKEN}`) return say(401, { error: 'who are you?' });
    if (pathname === '/slow') return;
    if (pathname === '/broken') return say(500, { error: 'the disk is full' });
    say(200, [
      { id: 1, customer: 'Ann', total: 12.5, paid: true },
      { id: 2, customer: 'Bob, the "builder"', total: 8, paid: false, note: { gift: true } },
    ]);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    asked,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
