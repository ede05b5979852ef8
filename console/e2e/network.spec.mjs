import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dialIn } from './support/agent.mjs';
import { createAgent, logIn, startMuster, title } from './support/muster.mjs';

let muster;
before(async () => (muster = await startMuster()));
after(() => muster?.stop());

async function makeToken(page, name) {
  await page.goto('/ui/tokens');
  await page.getByRole('button', { name: 'New agent token' }).first().click();
  await page.getByRole('dialog').getByLabel('Name').fill(name);
  await page.getByRole('dialog').getByRole('button', { name: 'Create token' }).click();
  const token = await page.getByTestId('secret').textContent();
  await page.getByRole('button', { name: 'I have stored it' }).click();
  return token;
}

test('an agent that dials in shows on the map, is interrupted, replies, and leaves', async () => {
  const watcher = await muster.open();
  await logIn(watcher.page, muster);
  await watcher.page.goto('/ui/network');
  await watcher.page.getByText('Nobody is connected').waitFor();

  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  const token = await makeToken(page, 'edge fleet');
  const agent = await dialIn({ url: muster.url, token, name: 'edge-7', answer: (said) => `**Heard:** ${said}` });
  const dot = watcher.page.getByRole('button', { name: 'edge-7, online' });
  await dot.waitFor();
  const row = watcher.page.getByRole('row').filter({ hasText: 'edge-7' });
  await row.getByText('1.2.3').waitFor();

  await dot.focus();
  await watcher.page.keyboard.press('Enter');
  const panel = watcher.page.getByRole('dialog', { name: 'edge-7' });
  await panel.getByLabel('Interrupt edge-7').fill('Is the disk full?');
  await panel.getByLabel('Interrupt edge-7').press('Enter');
  await panel.getByText('Heard:').waitFor();
  await panel.getByText('Is the disk full?', { exact: true }).waitFor();
  assert.deepEqual(agent.interrupts, ['Is the disk full?']);
  assert.equal(await panel.getByLabel('Interrupt edge-7').inputValue(), '');
  await watcher.page.keyboard.press('Escape');

  await agent.leave();
  await watcher.page.getByText('Nobody is connected').waitFor();
  assert.deepEqual([...faults, ...watcher.faults], []);
  await close();
  await watcher.close();
});

test('what an agent is told while it is away waits for it, and its reply comes in later', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  const token = await makeToken(page, 'laptop');
  const first = await dialIn({ url: muster.url, token, name: 'laptop-1' });
  await first.leave();

  await page.goto(`/ui/network?agent=${first.agentId}`);
  const panel = page.getByRole('dialog', { name: 'laptop-1' });
  await panel.getByText('It is not connected now').waitFor();
  await panel.getByLabel('Interrupt laptop-1').fill('Wake up');
  await panel.getByRole('button', { name: 'Interrupt' }).click();
  await panel.getByText('Queued until laptop-1 is there').waitFor();

  const second = await dialIn({ url: muster.url, token, name: 'laptop-1', answer: () => 'Good morning' });
  assert.equal(second.agentId, first.agentId);
  await panel.getByText('Good morning').waitFor();
  assert.deepEqual(second.interrupts, ['Wake up']);
  await second.leave();
  assert.deepEqual(faults, []);
  await close();
});

test('a message that is acknowledged and not answered waits for nothing any more', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  const token = await makeToken(page, 'silent');
  const agent = await dialIn({ url: muster.url, token, name: 'silent-1' });
  await page.goto(`/ui/network?agent=${agent.agentId}`);
  const panel = page.getByRole('dialog', { name: 'silent-1' });
  await panel.getByLabel('Interrupt silent-1').fill('Just so you know');
  await panel.getByRole('button', { name: 'Interrupt' }).click();
  await panel.getByText(/^Acknowledged at .+, no reply$/).waitFor();
  assert.equal(await panel.getByText('waiting for the reply').count(), 0);
  await agent.leave();
  assert.deepEqual(faults, []);
  await close();
});

test('many agents are gone around on the map by arrow keys, and filtered', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  const token = await makeToken(page, 'many');
  const names = Array.from({ length: 5 }, (_, index) => `many-${index}`);
  const agents = [];
  for (const name of names) agents.push(await dialIn({ url: muster.url, token, name }));

  await page.goto('/ui/network?q=many');
  await page.getByRole('group', { name: 'Map of 5 connected agents' }).waitFor();
  await page.getByRole('button', { name: 'many-0, online' }).focus();
  await page.keyboard.press('ArrowDown');
  const at = await page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  assert.match(at, /^many-[1-4], online$/);
  await page.getByRole('search').getByLabel('Search').fill('many-3');
  await page.getByRole('group', { name: 'Map of 1 connected agent' }).waitFor();
  assert.equal(await page.getByRole('row').filter({ hasText: 'many-' }).count(), 1);
  for (const agent of agents) await agent.leave();
  assert.deepEqual(faults, []);
  await close();
});

test('a revoked token lets nobody in', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  const token = await makeToken(page, 'lost');
  await page.getByRole('row').filter({ hasText: 'lost' }).getByText('never').first().waitFor();
  await page.getByRole('button', { name: 'Actions for lost' }).click();
  await page.getByRole('button', { name: 'Revoke', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('Revoked lost').waitFor();
  await title(page, 'Agent tokens').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Actions for lost' }).count(), 0);
  await assert.rejects(dialIn({ url: muster.url, token, name: 'thief' }));
  assert.deepEqual(faults, []);
  await close();
});

test('a hosted agent is interrupted from its page', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  await createAgent(page, 'Here');
  await page.getByRole('button', { name: 'Interrupt', exact: true }).click();
  const panel = page.getByRole('dialog', { name: 'Here' });
  await panel.getByText('It runs here').waitFor();
  await panel.getByLabel('Interrupt Here').fill('What now?');
  await panel.getByRole('button', { name: 'Interrupt' }).click();
  await panel.getByText('You said:').waitFor();
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  assert.deepEqual(faults, []);
  await close();
});
