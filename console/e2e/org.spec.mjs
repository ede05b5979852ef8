import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { logIn, startMuster, title } from './support/muster.mjs';

let muster;
before(async () => (muster = await startMuster()));
after(() => muster?.stop());

test('the organization is renamed, and a refused field says why', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  await page.getByRole('link', { name: 'Organization' }).click();
  await title(page, 'Organization').waitFor();

  await page.getByLabel('Name').fill('Acme Rockets');
  await page.getByLabel('Description').fill('Everything that flies');
  await page.getByLabel('Time zone').fill('Europe/Paris');
  await page.getByText(/^It is .* there\.$/).waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('Saved').waitFor();
  await page.getByRole('complementary').getByText('Acme Rockets').waitFor();
  await page.reload();
  assert.equal(await page.getByLabel('Time zone').inputValue(), 'Europe/Paris');
  assert.equal(await page.getByLabel('Description').inputValue(), 'Everything that flies');
  assert.deepEqual(faults, []);

  const zone = page.getByLabel('Time zone');
  await zone.fill('Mars/Olympus');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('.field', { has: zone }).locator('.field-error').waitFor();
  assert.equal(await zone.getAttribute('aria-invalid'), 'true');
  assert.equal(await zone.evaluate((field) => field === document.activeElement), true);
  await page.getByRole('button', { name: 'Discard' }).click();
  assert.equal(await zone.inputValue(), 'Europe/Paris');
  await close();
});
