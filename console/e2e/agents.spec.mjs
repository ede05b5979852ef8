import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { composer, createAgent, enrolAgent, logIn, say, startMuster } from './support/muster.mjs';

let muster;
before(async () => (muster = await startMuster()));
after(() => muster?.stop());

test('an agent is created, found, changed, paused and resumed', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  await createAgent(page, 'Ann');

  await page.goto('/ui/agents?q=Ann');
  await page.getByRole('link', { name: 'Ann', exact: true }).click();
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByLabel('Description').fill('Changed by a test');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved').waitFor();
  await page.reload();
  assert.equal(await page.getByLabel('Description').inputValue(), 'Changed by a test');

  await page.getByRole('radio', { name: 'Set to' }).check({ force: true });
  await page.getByLabel('Tokens').fill('4321');
  await page.getByRole('button', { name: 'Set balance' }).click();
  await page.getByText('4,321', { exact: true }).waitFor();

  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  assert.deepEqual(faults, []);
  await close();
});

test('the list says who is busy for as long as a turn runs', async () => {
  const watcher = await muster.open();
  await logIn(watcher.page, muster);
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  await createAgent(page, 'Worker');
  await watcher.page.goto('/ui/agents');
  const row = watcher.page.getByRole('row').filter({ hasText: 'Worker' });
  await row.waitFor();
  await say(page, 'hold on');
  await page.getByText('First part.').waitFor();
  await row.getByText('busy').waitFor();
  muster.model.release();
  await page.getByText('Second part.').waitFor();
  await row.getByText('busy').waitFor({ state: 'detached' });
  assert.deepEqual([...faults, ...watcher.faults], []);
  await close();
  await watcher.close();
});

test('of an agent that runs elsewhere it is told that it does, and no model or balance', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  await enrolAgent(page, 'Remote');
  await page.goto('/ui/agents?q=Remote');
  const row = page.getByRole('row').filter({ hasText: 'Remote' });
  await row.getByText('runs elsewhere').waitFor();
  await row.getByText('never seen').waitFor();
  assert.doesNotMatch((await row.textContent()) ?? '', /default|1M/);

  await page.request.post('/api/agents/Remote/heartbeat', { data: {} });
  await page.getByRole('link', { name: 'Remote' }).click();
  const head = page.locator('.agent-head');
  await head.getByText('Runs elsewhere').waitFor();
  await head.getByText(/^seen/).waitFor();
  assert.doesNotMatch((await head.textContent()) ?? '', /default model|tokens left/);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByLabel('Name').waitFor();
  assert.equal(await page.getByText('Output token balance').count(), 0);
  assert.deepEqual(faults, []);
  await close();
});

test('what the server refuses is told beside the field', async () => {
  const { page, close } = await muster.open();
  await logIn(page, muster);
  await createAgent(page, 'Taken');
  await page.goto('/ui/agents/new');
  await page.getByLabel('Name').fill('Other');
  await page.getByText('Advanced').click();
  await page.getByLabel('Sleep after idle minutes').fill('1');
  await page.getByRole('button', { name: 'Create agent' }).click();
  const field = page.getByLabel('Sleep after idle minutes');
  await page.locator('.field', { has: field }).locator('.field-error').waitFor();
  assert.equal(await field.getAttribute('aria-invalid'), 'true');

  await field.fill('');
  await page.getByLabel('Name').fill('Taken');
  await page.getByRole('button', { name: 'Create agent' }).click();
  await page.getByRole('alert').waitFor();
  await close();
});

test('deleting asks for the name, and for force while a turn runs', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  await createAgent(page, 'Gone');
  await say(page, 'hold on');
  await page.getByText('First part.').waitFor();

  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Delete agent' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete Gone?' });
  const confirm = dialog.getByRole('button', { name: 'Delete for good' });
  assert.equal(await confirm.isDisabled(), true);
  await dialog.getByRole('textbox').fill('Gone');
  await confirm.click();
  await dialog.getByRole('button', { name: 'Cancel the turn and delete' }).click();

  await page.waitForURL(/\/ui\/agents$/);
  await page.getByText('Deleted Gone').waitFor();
  assert.equal(await page.getByRole('link', { name: 'Gone' }).count(), 0);
  assert.deepEqual(faults, []);
  await close();
});

test('a stopped agent takes no messages until it is activated', async () => {
  const { page, close } = await muster.open();
  await logIn(page, muster);
  await createAgent(page, 'Sleeper');
  await page.getByRole('button', { name: 'Stop agent' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop agent' }).click();
  await page.getByText('This agent is stopped').waitFor();
  assert.equal(await composer(page).isDisabled(), true);
  await page.getByRole('button', { name: 'Activate' }).click();
  await say(page, 'awake?');
  await page.getByText('You said: awake?').waitFor();
  await close();
});
