import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAgent, logIn, startMuster } from './support/muster.mjs';

let muster;
before(async () => (muster = await startMuster()));
after(() => muster?.stop());

const editor = (page) => page.getByRole('textbox', { name: /^Soul of/ });

async function openSoul(page, name) {
  await logIn(page, muster);
  await createAgent(page, name);
  await page.getByRole('link', { name: 'Soul' }).click();
  await editor(page).waitFor();
}

async function save(page, text) {
  await editor(page).fill(text);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved as a new version').last().waitFor();
  await page.getByRole('button', { name: 'Discard' }).and(page.locator(':disabled')).waitFor();
}

test('a soul is written, compared with what it was, and restored', async () => {
  const { page, faults, close } = await muster.open();
  await openSoul(page, 'Ann');
  await save(page, 'You are kind.\nYou are brief.');
  await save(page, 'You are kind.\nYou are thorough.');
  await page.reload();
  assert.equal(await editor(page).inputValue(), 'You are kind.\nYou are thorough.');
  await page.getByText('31 of 50,000 characters').waitFor();

  const history = page.getByRole('list').filter({ hasText: 'Version 3' });
  await history.getByText('soul').first().waitFor();
  await history.getByRole('button', { name: 'Look at version 3' }).click();
  const changes = page.getByRole('dialog').getByRole('region', { name: 'soul' });
  await changes.locator('del', { hasText: 'You are brief.' }).waitFor();
  await changes.locator('ins', { hasText: 'You are thorough.' }).waitFor();
  assert.equal(await changes.locator('del, ins').count(), 2);
  await page.keyboard.press('Escape');

  await history.getByRole('button', { name: 'Look at version 2' }).click();
  await page.getByRole('radio', { name: 'Against current' }).check({ force: true });
  await changes.locator('ins', { hasText: 'You are thorough.' }).waitFor();
  await page.getByRole('button', { name: 'Restore' }).click();
  await page.getByRole('dialog', { name: 'Restore version 2?' }).getByRole('button', { name: 'Restore' }).click();
  await page.getByText('Ann is as in version 2 again').waitFor();
  await page.getByText('Version 4').waitFor();
  assert.equal(await editor(page).inputValue(), 'You are kind.\nYou are brief.');
  assert.deepEqual(faults, []);
  await close();
});

test('text that was not saved survives a reload, and one that is too long is not sent', async () => {
  const { page, faults, close } = await muster.open();
  await openSoul(page, 'Bob');
  await editor(page).fill('Half a thought');
  await page.getByText('Not saved yet').waitFor();
  await page.reload();
  assert.equal(await editor(page).inputValue(), 'Half a thought');

  await editor(page).fill('🚀'.repeat(50_001));
  await page.getByText('1 characters too many').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled(), true);
  await page.getByRole('button', { name: 'Discard' }).click();
  assert.equal(await editor(page).inputValue(), '');
  assert.deepEqual(faults, []);
  await close();
});

test('a template is read before it is taken, and nothing is saved by taking it', async () => {
  const { page, faults, close } = await muster.open();
  await openSoul(page, 'Cleo');
  await page.getByRole('button', { name: 'Use a template' }).click();
  const dialog = page.getByRole('dialog', { name: 'Use a template' });
  await dialog.getByRole('radio', { name: /^Reviewer/ }).check();
  await dialog.getByLabel('What Reviewer consists of').getByText('memory_get', { exact: true }).waitFor();
  const text = (await dialog.locator('.template-text').textContent()) ?? '';
  assert.ok(text.length > 20);
  await dialog.getByRole('button', { name: 'Use this text' }).click();
  assert.equal(await editor(page).inputValue(), text);
  await page.getByText('Not saved yet').waitFor();
  assert.equal(await page.getByText('Version 2').count(), 0);
  assert.deepEqual(faults, []);
  await close();
});

test('somebody else’s version does not get lost in a text that is being written', async () => {
  const first = await muster.open();
  await openSoul(first.page, 'Dora');
  const second = await muster.open();
  await logIn(second.page, muster);
  await second.page.goto(first.page.url());
  await editor(second.page).fill('Mine, unfinished');
  await save(first.page, 'Theirs');
  await second.page.getByText('Somebody else has saved another text').waitFor();
  assert.equal(await editor(second.page).inputValue(), 'Mine, unfinished');
  await second.page.getByRole('button', { name: 'Show theirs' }).click();
  assert.equal(await editor(second.page).inputValue(), 'Theirs');
  await first.close();
  await second.close();
});
