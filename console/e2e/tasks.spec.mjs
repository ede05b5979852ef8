import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { enrolAgent, logIn, startMuster, title } from './support/muster.mjs';

let muster;
before(async () => (muster = await startMuster()));
after(() => muster?.stop());

const column = (page, name) => page.getByRole('region', { name: new RegExp(`^${name} \\d+$`) });
const card = (page, name) => page.getByRole('button', { name, exact: true });

async function openBoard(page) {
  await logIn(page, muster);
  await page.getByRole('link', { name: 'Tasks' }).click();
  await title(page, 'Tasks').waitFor();
  await column(page, 'Inbox').waitFor();
}

async function addTask(page, name, fill) {
  const dialog = await sendTask(page, name, fill);
  await dialog.waitFor({ state: 'detached' });
}

async function sendTask(page, name, fill = async () => {}) {
  await page.getByRole('button', { name: 'New task' }).click();
  const dialog = page.getByRole('dialog', { name: 'New task' });
  await dialog.getByLabel('Title').fill(name);
  await fill(dialog);
  await dialog.getByRole('button', { name: 'Create task' }).click();
  return dialog;
}

const focused = (page) => page.evaluate(() => document.activeElement?.textContent ?? '');

test('a task is made, dragged to another column, edited and deleted, and another window sees it', async () => {
  const watcher = await muster.open();
  await openBoard(watcher.page);
  const { page, faults, close } = await muster.open();
  await openBoard(page);
  await enrolAgent(page, 'Ann');

  await addTask(page, 'Sweep the floor', async (dialog) => {
    await dialog.getByLabel('Assigned to').fill('Ann');
    await dialog.getByLabel('Priority').selectOption('critical');
    await dialog.getByLabel('Due').fill('2026-01-01T10:00');
  });
  const assigned = column(page, 'Assigned');
  await assigned.getByText('Sweep the floor').waitFor();
  await assigned.getByText('critical').waitFor();
  await assigned.getByText('overdue').waitFor();
  await column(watcher.page, 'Assigned').getByText('Sweep the floor').waitFor();

  await page.locator('li.task', { hasText: 'Sweep the floor' }).dragTo(column(page, 'Review'));
  await page.getByText('Moved “Sweep the floor” to Review').waitFor();
  await column(page, 'Review').getByText('Sweep the floor').waitFor();
  await column(watcher.page, 'Review').getByText('Sweep the floor').waitFor();

  await card(page, 'Sweep the floor').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Title').fill('Sweep all floors');
  await dialog.getByLabel('Assigned to').fill('');
  await dialog.getByLabel('Due').fill('');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved').waitFor();
  await card(page, 'Sweep all floors').waitFor();
  await page.reload();
  await column(page, 'Review').getByText('nobody').waitFor();
  assert.equal(await page.getByText('overdue').count(), 0);

  await card(page, 'Sweep all floors').click();
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('dialog', { name: 'Delete this task?' }).getByRole('button', { name: 'Delete task' }).click();
  await page.getByText('Deleted “Sweep all floors”').waitFor();
  await card(watcher.page, 'Sweep all floors').waitFor({ state: 'detached' });
  assert.deepEqual([...faults, ...watcher.faults], []);
  await close();
  await watcher.close();
});

test('a card that is dropped where it was is not moved', async () => {
  const { page, faults, close } = await muster.open();
  await openBoard(page);
  await enrolAgent(page, 'Stay');
  await addTask(page, 'Stays here', (dialog) => dialog.getByLabel('Assigned to').fill('Stay'));
  const assigned = column(page, 'Assigned');
  await assigned.getByText('Stays here').waitFor();
  const changes = [];
  page.on('request', (request) => request.method() === 'PUT' && changes.push(request.url()));

  await page.locator('li.task', { hasText: 'Stays here' }).dragTo(assigned.getByRole('heading'));
  await page.locator('li.task', { hasText: 'Stays here' }).dragTo(column(page, 'Review'));
  await page.getByText('Moved “Stays here” to Review').waitFor();
  assert.equal(await page.getByText('Moved “Stays here” to Assigned').count(), 0);
  assert.equal(changes.length, 1);
  assert.deepEqual(faults, []);
  await close();
});

test('the keyboard goes from card to card and moves them, and so does a menu', async () => {
  const { page, faults, close } = await muster.open();
  await openBoard(page);
  await enrolAgent(page, 'Kim');
  const toKim = (dialog) => dialog.getByLabel('Assigned to').fill('Kim');
  await addTask(page, 'One', toKim);
  await card(page, 'One').waitFor();
  await addTask(page, 'Two', toKim);
  await card(page, 'Two').waitFor();

  await card(page, 'One').focus();
  await page.keyboard.press('ArrowDown');
  assert.equal(await focused(page), 'Two');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await page.getByText('Moved “Two” to Review').waitFor();
  await column(page, 'Review').getByText('Two').waitFor();
  assert.equal(await focused(page), 'Two');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await focused(page), 'One');

  await page.getByRole('button', { name: 'Move One' }).click();
  await page.locator('.menu:popover-open').getByRole('button', { name: 'Done' }).click();
  await page.getByText('Moved “One” to Done').waitFor();
  await page.reload();
  await column(page, 'Done').getByText('One', { exact: true }).waitFor();
  await column(page, 'Review').getByText('Two', { exact: true }).waitFor();
  assert.deepEqual(faults, []);
  await close();
});

test('a task of nobody asks for an agent on its way to one', async () => {
  const { page, faults, close } = await muster.open();
  await openBoard(page);
  await enrolAgent(page, 'Lou');
  await addTask(page, 'Free');
  await card(page, 'Free').press('Shift+ArrowRight');
  const dialog = page.getByRole('dialog', { name: 'Who takes “Free”?' });
  await dialog.getByLabel('Agent').fill('Lou');
  await dialog.getByRole('button', { name: 'Assign' }).click();
  await column(page, 'Assigned').getByText('Free').waitFor();
  assert.deepEqual(faults, []);
  await close();
});

test('what the server refuses is told beside the field', async () => {
  const { page, close } = await muster.open();
  await openBoard(page);
  const toNobody = (dialog) => dialog.getByLabel('Assigned to').fill('no such agent');
  const dialog = await sendTask(page, 'For nobody', toNobody);
  await dialog.locator('.field', { hasText: 'Assigned to' }).locator('.field-error').waitFor();
  assert.equal(await dialog.getByLabel('Assigned to').getAttribute('aria-invalid'), 'true');
  await close();
});

test('the board shows the tasks of one agent or priority, and a link opens a task', async () => {
  const { page, faults, close } = await muster.open();
  await openBoard(page);
  await enrolAgent(page, 'Bea');
  await addTask(page, 'Hers', (dialog) => dialog.getByLabel('Assigned to').fill('Bea'));
  await card(page, 'Hers').waitFor();
  await addTask(page, 'Somebody’s', (dialog) => dialog.getByLabel('Priority').selectOption('low'));
  await card(page, 'Somebody’s').waitFor();

  await page.getByRole('search').getByLabel('Assigned to').fill('Bea');
  await card(page, 'Somebody’s').waitFor({ state: 'detached' });
  await page.getByRole('search').getByLabel('Assigned to').fill('Nobody at all');
  await page.getByText('No agent is called Nobody at all').waitFor();
  await page.getByRole('search').getByLabel('Assigned to').fill('Bea');
  await card(page, 'Hers').click();
  await page.getByRole('dialog').getByLabel('Title').waitFor();
  await page.reload();
  assert.equal(await page.getByRole('dialog').getByLabel('Title').inputValue(), 'Hers');
  assert.deepEqual(faults, []);
  await close();
});
