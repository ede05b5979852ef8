import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAgent, logIn, startMuster, title } from './support/muster.mjs';

let muster;
before(async () => (muster = await startMuster()));
after(() => muster?.stop());

async function openMemory() {
  const window = await muster.open();
  await logIn(window.page, muster);
  await window.page.goto('/ui/memory');
  await title(window.page, 'Memory').waitFor();
  return window;
}

async function add(page, key, value, kind = 'Text') {
  await page.getByRole('button', { name: 'New value' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New value' });
  await dialog.getByLabel('Key').fill(key);
  await dialog.getByRole('radio', { name: kind }).check({ force: true });
  await dialog.getByLabel('Value', { exact: true }).fill(value);
  await dialog.getByRole('button', { name: 'Save' }).click();
}

test('shared values are added, found by their beginning, changed and forgotten, live', async () => {
  const watcher = await openMemory();
  const { page, faults, close } = await openMemory();
  await page.getByText('Nothing is shared yet').waitFor();
  await add(page, 'deploy/freeze', 'true', 'JSON');
  await page.getByText('Saved deploy/freeze as revision 1').waitFor();
  await watcher.page.getByRole('button', { name: 'deploy/freeze', exact: true }).waitFor();
  await add(page, 'oncall', 'Ann');
  await add(page, 'oncall', 'Bob');
  await page.getByText(/Somebody else has set this key/).waitFor();
  await page.keyboard.press('Escape');

  await page.getByLabel('Keys that begin with').fill('deploy/');
  await page.getByRole('button', { name: 'oncall', exact: true }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Actions for deploy/freeze' }).click();
  await page.getByRole('button', { name: 'Forget', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click();
  await page.getByText('No key begins with deploy/').waitFor();
  await page.getByRole('button', { name: 'All keys' }).click();
  await page.getByRole('button', { name: 'oncall', exact: true }).waitFor();
  assert.deepEqual([...faults, ...watcher.faults], []);
  await close();
  await watcher.close();
});

test('two who edit the same value do not write over each other unseen', async () => {
  const one = await openMemory();
  await add(one.page, 'plan', 'first');
  const other = await openMemory();
  for (const { page } of [one, other]) await page.getByRole('button', { name: 'plan', exact: true }).click();

  const mine = one.page.getByRole('dialog', { name: 'plan' });
  await mine.getByLabel('Value', { exact: true }).fill('from one');
  await mine.getByRole('button', { name: 'Save' }).click();
  await one.page.getByText('Saved plan as revision 2').waitFor();

  const theirs = other.page.getByRole('dialog', { name: 'plan' });
  await theirs.getByLabel('Value', { exact: true }).fill('from the other');
  await theirs.getByRole('button', { name: 'Save' }).click();
  await theirs.getByText('it is at revision 2 now').waitFor();
  await theirs.getByRole('region', { name: 'From theirs to yours' }).getByText('from one').waitFor();
  await theirs.getByRole('button', { name: 'Save mine over it' }).click();
  await other.page.getByText('Saved plan as revision 3').waitFor();
  await one.page.getByRole('cell', { name: 'from the other' }).waitFor();
  assert.deepEqual([...one.faults, ...other.faults], []);
  await one.close();
  await other.close();
});

test('what one agent remembers is a look away', async () => {
  const { page, faults, close } = await openMemory();
  await createAgent(page, 'Elephant');
  await page.goto('/ui/memory');
  await page.getByRole('search').getByLabel('Whose').fill('Elephant');
  await page.getByLabel('Working memory').waitFor();
  assert.match(page.url(), /agent=Elephant/);
  await page.getByRole('search').getByLabel('Whose').fill('nobody');
  await page.getByText('No agent is called nobody').waitFor();
  assert.deepEqual(faults, []);
  await close();
});
