import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { logIn, startMuster, title } from './support/muster.mjs';

const CONFIG = `{
  // the gateway's own file is JSON5
  agents: { list: [
    { id: 'watcher', identity: { name: 'Watcher', theme: 'sentinel' } },
    { id: 'scribe' },
  ] },
}`;

let muster;
before(async () => (muster = await startMuster({ gateway: CONFIG })));
after(() => muster?.stop());

test('a sync is previewed, applied, and has nothing to do after that', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  await page.getByRole('link', { name: 'Gateway' }).click();
  await title(page, 'Gateway sync').waitFor();
  await page.getByText('2 agents in the file: 2 to be created.').waitFor();
  await page.getByRole('row').filter({ hasText: 'Watcher' }).getByText('create').waitFor();

  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByRole('dialog', { name: 'Apply the sync?' }).getByRole('button', { name: 'Apply' }).click();
  await page.getByText('Synced 2 agents: 2 created, 0 updated').waitFor();
  await page.getByText('2 agents in the file: 2 unchanged.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Apply' }).isDisabled(), true);

  await page.getByRole('link', { name: 'Agents', exact: true }).click();
  await page.getByRole('link', { name: 'Watcher' }).waitFor();
  assert.deepEqual(faults, []);
  await close();
});

test('a new agent is written into the file, and the gateway runs it', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  await page.goto('/ui/agents/new');
  await page.getByLabel('Name').fill('Archivist');
  await page.getByRole('radio', { name: 'In the gateway' }).check({ force: true });
  await page.getByLabel('Role').fill('archivist');
  await page.getByLabel('Model').fill('openai/gpt-5');
  await page.getByLabel('Tools (optional)', { exact: true }).fill('read');
  await page.getByRole('button', { name: 'Create agent' }).click();
  await page.locator('.agent-head').getByText('Runs elsewhere').waitFor();

  const file = await muster.readGateway();
  for (const part of ['Archivist', 'archivist', 'openai/gpt-5', 'read', 'JSON5']) assert.ok(file.includes(part), part);
  await page.goto('/ui/gateway');
  await page.getByText('3 agents in the file: 3 unchanged.').waitFor();
  assert.deepEqual(faults, []);
  await close();
});

test('a file that cannot be read is told with line and column, and nothing is offered', async () => {
  await muster.writeGateway('{\n  agents: { list: [ }\n}');
  const { page, close } = await muster.open();
  await logIn(page, muster);
  await page.goto('/ui/gateway');
  await page
    .getByRole('alert')
    .filter({ hasText: /line 2/ })
    .filter({ hasText: /column \d+/ })
    .waitFor();
  assert.equal(await page.getByRole('button', { name: 'Apply' }).isDisabled(), true);

  await muster.writeGateway(CONFIG);
  await page.getByRole('button', { name: 'Read the file again' }).click();
  await page.getByRole('row').filter({ hasText: 'Watcher' }).waitFor();
  await close();
});

test('without a gateway it is told how to set one up', async () => {
  const bare = await startMuster();
  const { page, faults, close } = await bare.open();
  await logIn(page, bare);
  await page.goto('/ui/gateway');
  await page.getByText('No gateway is set up').waitFor();
  assert.equal(await page.getByRole('alert').count(), 0);
  assert.deepEqual(faults, []);
  await close();
  await bare.stop();
});
