import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { enrolAgent, logIn, say, startMuster } from './support/muster.mjs';

let muster;
before(async () => (muster = await startMuster()));
after(() => muster?.stop());

test('the preview shows what the agent would see, live, and takes nothing away', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  const slug = await enrolAgent(page, 'Ann');
  await page.goto(`/ui/agents/${slug}/heartbeat`);
  await page.getByText('HEARTBEAT_OK').waitFor();
  await page.getByText('Nothing to do').waitFor();

  const task = { title: 'Sweep the floor', priority: 'high', assigned_to: 'Ann', due_date: 1_700_000_000 };
  assert.equal((await page.request.post('/api/tasks', { data: task })).status(), 201);
  const letter = { from: muster.username, to: 'Ann', content: 'Please hurry.' };
  assert.equal((await page.request.post('/api/agents/message', { data: letter })).ok(), true);
  await page.getByText('WORK_ITEMS_FOUND').waitFor();
  await page.getByText('Please hurry.').waitFor();
  await page.getByText('overdue').waitFor();

  await page.getByRole('button', { name: 'Look again' }).click();
  await page.reload();
  await page.getByText('Please hurry.').waitFor();
  await page.getByRole('link', { name: 'Sweep the floor' }).click();
  assert.equal(await page.getByRole('dialog').getByLabel('Title').inputValue(), 'Sweep the floor');
  assert.deepEqual(faults, []);
  await close();
});

test('what is said to an agent that runs elsewhere waits for its heartbeat', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  const slug = await enrolAgent(page, 'Cleo');
  await page.goto(`/ui/agents/${slug}/chat`);
  await say(page, 'Are you there?');
  await page.getByRole('log', { name: 'Messages' }).getByText('queued').waitFor();
  await page.getByRole('link', { name: 'What waits for it' }).click();
  await page.getByText('WORK_ITEMS_FOUND').waitFor();
  await page.getByText('Are you there?').waitFor();
  assert.deepEqual(faults, []);
  await close();
});

test('an agent is woken with a reason', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  const slug = await enrolAgent(page, 'Bob');
  await page.goto(`/ui/agents/${slug}/heartbeat`);
  await page.getByRole('button', { name: 'Wake' }).click();
  const dialog = page.getByRole('dialog', { name: 'Wake Bob' });
  await dialog.getByLabel('Reason').fill('the build is red');
  await dialog.getByRole('button', { name: 'Wake' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('the build is red').waitFor();
  assert.deepEqual(faults, []);
  await close();
});
