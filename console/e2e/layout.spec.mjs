import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAgent, logIn, say, startMuster, title } from './support/muster.mjs';

let muster;
before(async () => (muster = await startMuster()));
after(() => muster?.stop());

const PHONE = { viewport: { width: 375, height: 740 } };

/** What goes over the right edge of the window, also where it is cut off; boards and tables scroll on purpose. */
function tooWide() {
  const scrolls = '.board *, .table-wrap *, pre *, svg *, .visually-hidden';
  const page = document.documentElement.scrollWidth > window.innerWidth ? [`the page: ${location.href}`] : [];
  const over = [...document.querySelectorAll('main *')].filter((element) => {
    return !element.matches(scrolls) && element.getBoundingClientRect().right > window.innerWidth + 1;
  });
  return [...page, ...over.map((element) => `${element.tagName}.${element.className}`)];
}

test('every page fits a phone without scrolling sideways', async () => {
  const { page, faults, close } = await muster.open(PHONE);
  await logIn(page, muster);
  await createAgent(page, 'A name without any spaces that goes on'.replaceAll(' ', ''));
  await say(page, `a word that does not break: ${'x'.repeat(300)} and use a tool`);
  await page.getByText('You said').filter({ visible: true }).first().waitFor();
  const agent = new URL(page.url()).pathname.split('/').slice(0, 4).join('/');

  const word = 'x'.repeat(300);
  const name = (await page.getByRole('heading', { level: 1 }).textContent()) ?? '';
  await page.request.post('/api/tasks', { data: { title: `Something ${word}`, assigned_to: name, due_date: 1 } });
  await page.request.post('/api/agents/message', { data: { from: muster.username, to: name, content: word } });

  const settings = { baseUrl: 'https://api.example.com', paths: ['/orders'] };
  const made = await page.request.post('/v1/orgs/default/connectors', { data: { name: 'O', type: 'http', settings } });
  const connector = `/ui/connectors/${(await made.json()).id}`;
  const pages = [
    '',
    'agents',
    'agents/new',
    'network',
    'tasks',
    'comms',
    'comms?view=graph',
    'memory',
    'events',
    'connectors',
  ];
  const tabs = ['turns', 'soul', 'memory', 'heartbeat', 'settings'].map((tab) => `${agent}/${tab}`);
  const views = ['', '/settings', '/agents'].map((tab) => `${connector}${tab}`);
  const more = [
    'connectors/new',
    'connectors/new?type=http',
    'agents/new?template=developer',
    'gateway',
    'keys',
    'tokens',
    'users',
    'organization',
    'nowhere',
  ];
  for (const path of [...[...pages, ...more].map((each) => `/ui/${each}`), page.url(), ...tabs, ...views]) {
    await page.goto(path);
    await page.locator('main :is(h1, h2)').first().waitFor();
    await page.waitForFunction(() => !document.querySelector('main .skeleton'));
    assert.deepEqual(await page.evaluate(tooWide), [], path);
  }

  await page.getByRole('button', { name: 'Menu' }).click();
  await page.getByRole('link', { name: 'Events' }).click();
  await title(page, 'Events').waitFor();
  assert.deepEqual(faults, []);
  await close();
});

test('the policy allows nothing but the own origin, and a chosen theme stays', async () => {
  const { page, faults, close } = await muster.open({ colorScheme: 'light' });
  const answer = await page.goto('/ui/login');
  const policy = answer.headers()['content-security-policy'] ?? '';
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self'(;|$)/);
  assert.match(policy, /style-src 'self'(;|$)/);

  await logIn(page, muster);
  await page.getByRole('radio', { name: 'Dark' }).check({ force: true });
  await page.reload();
  await title(page, 'Overview').waitFor();
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'dark');
  assert.deepEqual(faults, []);
  await close();
});

test('events come in live and can be filtered', async () => {
  const watcher = await muster.open();
  await logIn(watcher.page, muster);
  await watcher.page.goto('/ui/events?type=agent.');
  await watcher.page
    .getByRole('status')
    .filter({ hasText: /^Live$/ })
    .waitFor();

  const { page, close } = await muster.open();
  await logIn(page, muster);
  await createAgent(page, 'Seen');
  const row = watcher.page.getByRole('listitem').filter({ hasText: 'agent.created' }).filter({ hasText: 'Seen' });
  await row.waitFor();
  assert.equal(await watcher.page.getByText('access.login').count(), 0);
  await row.locator('summary').click();
  await row.getByText('"type": "agent.created"').waitFor();
  assert.deepEqual(watcher.faults, []);
  await watcher.close();
  await close();
});

test('a page that does not load takes nothing else with it', async () => {
  const { page, close } = await muster.open();
  await logIn(page, muster);
  await page.route(/assets\/KeysPage/, (route) => route.abort());
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByText('This page cannot be shown').waitFor();
  await page.getByRole('link', { name: 'Users' }).click();
  await title(page, 'Users').waitFor();
  await page.unroute(/assets\/KeysPage/);
  await page.goto('/ui/keys');
  await title(page, 'API keys').waitFor();
  await close();
});
