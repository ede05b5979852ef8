import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { enrolAgent, logIn, startMuster, title } from './support/muster.mjs';

let muster;
before(async () => (muster = await startMuster()));
after(() => muster?.stop());

test('every page and agent is a few keys away, and the focus comes back', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  await enrolAgent(page, 'Night watch');

  await page.getByRole('button', { name: /^Go to/ }).focus();
  await page.keyboard.press('Control+K');
  const field = page.getByRole('combobox', { name: 'Go to' });
  await field.fill('audit');
  await page.getByRole('option', { name: /^Events/ }).waitFor();
  await page.keyboard.press('Enter');
  await title(page, 'Events').waitFor();

  await page.getByRole('button', { name: /^Go to/ }).click();
  await field.fill('night');
  await page.getByRole('option', { name: /^Night watch/ }).click();
  await title(page, 'Night watch').waitFor();

  await page.goto('/ui/users');
  await title(page, 'Users').waitFor();
  await page.getByRole('button', { name: /^Go to/ }).focus();
  await page.keyboard.press('Enter');
  await field.fill('nothing like this');
  await page.getByText('Nothing fits').waitFor();
  await page.keyboard.press('Escape');
  await field.waitFor({ state: 'detached' });
  assert.match((await page.evaluate(() => document.activeElement?.textContent)) ?? '', /^Go to/);
  assert.deepEqual(faults, []);
  await close();
});

test('the fonts come from the server itself', async () => {
  const { page, faults, close } = await muster.open();
  const fonts = [];
  page.on('response', (response) => response.url().endsWith('.woff2') && fonts.push(response));
  await logIn(page, muster);
  await page.evaluate(() => document.fonts.ready);
  assert.ok(fonts.length > 0);
  assert.ok(fonts.every((font) => font.status() === 200 && new URL(font.url()).origin === muster.url));
  assert.deepEqual(faults, []);
  await close();
});
