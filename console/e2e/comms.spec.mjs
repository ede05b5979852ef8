import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { enrolAgent, logIn, startMuster, title } from './support/muster.mjs';

let muster;
before(async () => (muster = await startMuster()));
after(() => muster?.stop());

async function send(page, { from, to, content }) {
  await page.getByRole('button', { name: 'New message' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New message' });
  await dialog.getByLabel('To', { exact: true }).fill(to);
  await dialog.getByLabel('From', { exact: true }).fill(from);
  await dialog.getByLabel('Message', { exact: true }).fill(content);
  await dialog.getByRole('button', { name: 'Send' }).click();
}

test('what agents say is read as a thread, live, and seen as a graph', async () => {
  const watcher = await muster.open();
  await logIn(watcher.page, muster);
  await watcher.page.goto('/ui/comms');
  await title(watcher.page, 'Comms').waitFor();

  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  for (const name of ['Ann', 'Bob', 'Cleo']) await enrolAgent(page, name);
  await page.goto('/ui/comms');
  await page.getByText('No messages yet').waitFor();
  await send(page, { from: 'Ann', to: 'Bob', content: 'Is it **done**?' });
  const exchange = page.getByRole('article').filter({ hasText: 'Ann and Bob' });
  await exchange.getByText('done', { exact: true }).waitFor();
  await send(page, { from: 'Bob', to: 'Ann', content: 'It is.' });
  await exchange.getByText('It is.').waitFor();
  await send(page, { from: 'Cleo', to: 'Ann', content: 'Lunch?' });
  await page.getByRole('article').filter({ hasText: 'Ann and Cleo' }).getByText('Lunch?').waitFor();
  assert.equal(await exchange.getByRole('listitem').count(), 2);
  await watcher.page.getByText('Lunch?').waitFor();

  await page.getByRole('search').getByLabel('Agent').fill('Bob');
  await page.getByText('Lunch?').waitFor({ state: 'detached' });
  await exchange.getByText('It is.').waitFor();

  await page.getByRole('search').getByLabel('Agent').fill('');
  await page.getByRole('radio', { name: 'Graph' }).click({ force: true });
  const row = page.getByRole('row').filter({ hasText: 'Cleo' });
  await row.getByRole('cell', { name: '1', exact: true }).waitFor();
  const dot = page.getByRole('link', { name: 'Cleo: 1 message' });
  await dot.focus();
  assert.equal(await page.locator('.graph-line.on').count(), 1);
  await page.keyboard.press('Enter');
  await page.getByText('Lunch?').waitFor();
  assert.match(page.url(), /agent=Cleo/);
  assert.deepEqual([...faults, ...watcher.faults], []);
  await close();
  await watcher.close();
});

test('a message to nobody is refused, and what was written stays', async () => {
  const { page, close } = await muster.open();
  await logIn(page, muster);
  await page.goto('/ui/comms');
  await send(page, { from: muster.username, to: 'nobody at all', content: 'Hello?' });
  const dialog = page.getByRole('dialog', { name: 'New message' });
  await dialog.getByRole('alert').waitFor();
  assert.equal(await dialog.getByLabel('Message', { exact: true }).inputValue(), 'Hello?');
  await close();
});
