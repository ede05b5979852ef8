import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { logIn, startMuster, title } from './support/muster.mjs';

let muster;
before(async () => (muster = await startMuster()));
after(() => muster?.stop());

test('a wrong password is told, and the right one leads to where one wanted to go', async () => {
  const { page, faults, close } = await muster.open();
  await page.goto('/ui/events?type=agent.');
  await page.getByLabel('Username').fill(muster.username);
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('alert').filter({ hasText: 'Invalid username or password' }).waitFor();

  await page.getByLabel('Password').fill(muster.password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await title(page, 'Events').waitFor();
  assert.equal(new URL(page.url()).search, '?type=agent.');
  assert.deepEqual(faults, []);
  await close();
});

test('everything can be reached with the keyboard alone', async () => {
  const { page, faults, close } = await muster.open();
  await page.goto('/ui/');
  await page.getByLabel('Username').waitFor();
  await page.keyboard.type(muster.username);
  await page.keyboard.press('Tab');
  await page.keyboard.type(muster.password);
  await page.keyboard.press('Enter');
  await title(page, 'Overview').waitFor();

  await tabTo(page, 'Agents');
  await page.keyboard.press('Enter');
  await title(page, 'Agents').waitFor();

  await page.keyboard.press('/');
  await page.keyboard.type('nothing is called this');
  await page.getByText('No agent matches').waitFor();
  assert.match(page.url(), /q=nothing/);

  await page.goto('/ui/keys');
  await title(page, 'API keys').waitFor();
  await tabTo(page, 'New API key');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'New API key' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await focusedText(page), 'New API key');
  assert.deepEqual(faults, []);
  await close();
});

test('a session that has ended leads to the login page and back', async () => {
  const { page, close } = await muster.open();
  await logIn(page, muster);
  await page.getByRole('link', { name: 'Agents', exact: true }).click();
  await title(page, 'Agents').waitFor();
  await page.context().clearCookies();
  // Something else may notice first and leave the page: that is as good.
  await page
    .getByRole('searchbox')
    .fill('anything')
    .catch(() => undefined);
  await title(page, 'Log in to Muster').waitFor();
  await page.getByLabel('Username').fill(muster.username);
  await page.getByLabel('Password').fill(muster.password);
  await page.keyboard.press('Enter');
  await title(page, 'Agents').waitFor();

  await page.getByRole('button', { name: 'Log out' }).click();
  await title(page, 'Log in to Muster').waitFor();
  await close();
});

test('who is not signed in is not asked for at the server, and who is stays so over a reload', async () => {
  const { page, faults, close } = await muster.open();
  const asked = [];
  page.on('request', (request) => request.url().includes('/api/auth/me') && asked.push(request.url()));
  await page.goto('/ui/agents');
  await title(page, 'Log in to Muster').waitFor();
  assert.deepEqual(asked, []);

  await logIn(page, muster);
  await page.reload();
  await title(page, 'Overview').waitFor();
  assert.equal(asked.length, 1);

  await page.getByRole('button', { name: 'Log out' }).click();
  await title(page, 'Log in to Muster').waitFor();
  await page.reload();
  await title(page, 'Log in to Muster').waitFor();
  assert.equal(asked.length, 1);
  assert.deepEqual(faults, []);
  await close();
});

async function tabTo(page, text) {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    if ((await focusedText(page)) === text) return;
  }
  assert.fail(`the Tab key does not reach ${text}`);
}

function focusedText(page) {
  return page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
}
