import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { dialIn } from './support/agent.mjs';
import { createAgent, enrolAgent, logIn, say, startMuster } from './support/muster.mjs';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let muster;
before(async () => (muster = await startMuster()));
after(() => muster?.stop());

/** What stands in the way of people who do not see well, or use no pointer. */
async function obstacles(page) {
  // The page's policy lets no foreign script in; the debugger may run one all the same.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    // What is still fading in has other colours than it will have; what goes on for ever is not waited for.
    const ending = document.getAnimations().filter((one) => one.effect.getComputedTiming().iterations !== Infinity);
    await Promise.allSettled(ending.map((one) => one.finished));
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html} ${nodes[0].failureSummary}`);
  });
}

async function makeToken(page) {
  const made = await page.request.post('/v1/orgs/default/agent-tokens', { data: { name: 'everybody' } });
  return (await made.json()).secret;
}

async function makeConnector(page, name) {
  const settings = { baseUrl: 'https://api.example.com', paths: ['/orders'] };
  const made = await page.request.post('/v1/orgs/default/connectors', { data: { name, type: 'http', settings } });
  return (await made.json()).id;
}

for (const colorScheme of ['light', 'dark']) {
  test(`every page can be used by everybody, ${colorScheme}`, async () => {
    const { page, faults, close } = await muster.open({ colorScheme });
    await logIn(page, muster);
    await createAgent(page, `Ann ${colorScheme}`);
    await say(page, 'Please use a tool');
    await page.getByText('You said').first().waitFor();
    const id = new URL(page.url()).pathname.split('/')[3];
    const other = `Bob ${colorScheme}`;
    await enrolAgent(page, other);
    await page.request.post('/api/tasks', { data: { title: 'Look', assigned_to: other, due_date: 1 } });
    await page.request.post('/api/agents/message', { data: { from: other, to: `Ann ${colorScheme}`, content: 'Hi' } });

    const linked = await dialIn({ url: muster.url, token: await makeToken(page), name: `Cleo ${colorScheme}` });
    const connector = await makeConnector(page, `Orders ${colorScheme}`);

    const tabs = ['chat', 'turns', 'soul', 'memory', 'heartbeat', 'settings'].map((tab) => `agents/${id}/${tab}`);
    const lists = ['', 'agents', 'network', 'tasks', 'comms', 'comms?view=graph', 'memory', 'events', 'connectors'];
    const more = ['agents/new', 'connectors/new', 'gateway', 'keys', 'tokens', 'users', 'organization', 'nowhere'];
    const views = ['', '/settings', '/agents'].map((tab) => `connectors/${connector}${tab}`);
    const open = [
      ...views,
      `network?agent=${linked.agentId}`,
      'connectors/new?type=http',
      'agents/new?template=developer',
    ];
    for (const path of [...lists, ...more, ...tabs, ...open]) {
      await page.goto(`/ui/${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForFunction(() => !document.querySelector('main .skeleton'));
      assert.deepEqual(await obstacles(page), [], path);
    }
    await page.getByRole('button', { name: 'Another template' }).click();
    await page.getByLabel('What Orchestrator consists of').waitFor();
    assert.deepEqual(await obstacles(page), [], 'the templates');
    await linked.leave();
    assert.deepEqual(faults, []);
    await close();
  });
}
