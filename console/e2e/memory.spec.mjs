import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAgent, logIn, startMuster } from './support/muster.mjs';

let muster;
before(async () => (muster = await startMuster()));
after(() => muster?.stop());

async function openMemory(page, name) {
  await logIn(page, muster);
  await createAgent(page, name);
  await page.getByRole('navigation', { name }).getByRole('link', { name: 'Memory' }).click();
  await page.getByLabel('Working memory').waitFor();
}

async function addEntry(page, name, value, kind = 'Text') {
  await page.getByRole('button', { name: 'Add entry' }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('radio', { name: kind }).check({ force: true });
  await page.getByLabel('Value', { exact: true }).fill(value);
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
}

test('notes and entries are kept, changed and forgotten', async () => {
  const { page, faults, close } = await muster.open();
  await openMemory(page, 'Ann');
  await page.getByLabel('Working memory').fill('Ask Bob about the migration.');
  await page.getByRole('button', { name: 'Save notes' }).click();
  await page.getByText('Saved', { exact: true }).waitFor();

  await addEntry(page, 'goal', 'ship it');
  // The dialog has the same words while it closes.
  await page.getByRole('listitem').getByText('ship it', { exact: true }).waitFor();
  await addEntry(page, 'seen', '{"prs": [1, 2]}', 'JSON');
  await page.getByText('{"prs":[1,2]}').waitFor();
  await page.reload();
  assert.equal(await page.getByLabel('Working memory').inputValue(), 'Ask Bob about the migration.');

  await page.getByRole('button', { name: 'Actions for goal' }).click();
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await page.getByLabel('Value', { exact: true }).fill('ship it twice');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByRole('listitem').getByText('ship it twice').waitFor();
  await page.getByText('{"prs":[1,2]}').waitFor();

  await page.getByRole('button', { name: 'Actions for seen' }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('Removed seen').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Actions for seen' }).count(), 0);

  await page.getByRole('button', { name: 'Clear memory' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Clear memory' }).click();
  await page.getByText('Ann has forgotten everything').waitFor();
  await page.getByText(/^Nothing yet/).waitFor();
  assert.equal(await page.getByLabel('Working memory').inputValue(), '');
  assert.deepEqual(faults, []);
  await close();
});

test('JSON that is none is not sent, and all entries can be edited at once', async () => {
  const { page, faults, close } = await muster.open();
  await openMemory(page, 'Bob');
  await addEntry(page, 'broken', '{"a":', 'JSON');
  await page.getByText(/This is not valid JSON/).waitFor();
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Edit as JSON' }).click();
  await page.getByLabel('Entries as a JSON object').fill('[1]');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByText('This must be a JSON object').waitFor();
  await page.getByLabel('Entries as a JSON object').fill('{"one": 1, "two": {"b": 2}}');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByText('{"b":2}').waitFor();
  assert.deepEqual(faults, []);
  await close();
});

/** The agent, or anybody else, writes its memory. */
async function writeElsewhere(page, data) {
  const agent = new URL(page.url()).pathname.split('/')[3];
  const answer = await page.request.put(`/api/agents/${agent}/memory`, { data });
  assert.equal(answer.status(), 200);
}

async function readElsewhere(page) {
  const agent = new URL(page.url()).pathname.split('/')[3];
  return (await page.request.get(`/api/agents/${agent}/memory`)).json();
}

test('what somebody else writes meanwhile is not lost', async () => {
  const { page, faults, close } = await muster.open();
  await openMemory(page, 'Cleo');
  await writeElsewhere(page, { memory: { goal: 'ship', count: 1 }, working_memory: 'Old notes' });
  const entries = page.getByRole('listitem');
  await entries.getByText('ship', { exact: true }).waitFor();

  await page.getByRole('button', { name: 'Actions for goal' }).click();
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit goal' });
  await writeElsewhere(page, { memory: { goal: 'ship', count: 2, seen: 'new' } });
  await dialog.getByLabel('Value', { exact: true }).fill('ship it');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.deepEqual((await readElsewhere(page)).memory, { goal: 'ship it', count: 2, seen: 'new' });

  await page.getByRole('button', { name: 'Actions for goal' }).click();
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await writeElsewhere(page, { memory: { goal: 'theirs' } });
  await dialog.getByLabel('Value', { exact: true }).fill('mine');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Somebody else has changed “goal” meanwhile.').waitFor();
  assert.deepEqual((await readElsewhere(page)).memory, { goal: 'theirs' });
  await dialog.getByRole('button', { name: 'Take theirs' }).click();
  assert.equal(await dialog.getByLabel('Value', { exact: true }).inputValue(), 'theirs');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Edit as JSON' }).click();
  const all = page.getByRole('dialog', { name: 'All entries' });
  await writeElsewhere(page, { memory: { goal: 'other', more: true } });
  await all.getByLabel('Entries as a JSON object').fill('{"goal": "mine"}');
  await all.getByRole('button', { name: 'Save', exact: true }).click();
  await all.getByText('Somebody else has changed “goal” meanwhile.').waitFor();
  await all.getByRole('button', { name: 'Save mine over it' }).click();
  await all.waitFor({ state: 'detached' });
  assert.deepEqual((await readElsewhere(page)).memory, { goal: 'mine', more: true });
  assert.deepEqual(faults, []);
  await close();
});

test('notes that somebody else has changed are not replaced unseen', async () => {
  const { page, faults, close } = await muster.open();
  await openMemory(page, 'Dora');
  const notes = page.getByLabel('Working memory');
  await notes.fill('Mine');
  await writeElsewhere(page, { working_memory: 'Theirs' });
  await page.getByText('Somebody else has changed the notes since you began.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Save notes' }).isDisabled(), true);
  await page.getByRole('button', { name: 'Save mine over it' }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  assert.equal((await readElsewhere(page)).working_memory, 'Mine');
  assert.deepEqual(faults, []);
  await close();
});
