import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { enrolAgent, logIn, startMuster } from './support/muster.mjs';

let muster;
before(async () => (muster = await startMuster()));
after(() => muster?.stop());

test('an API key is shown once, works, and is refused after it is revoked', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  await page.goto('/ui/keys');
  await page.getByRole('button', { name: 'New API key' }).first().click();
  await page.getByLabel('Name').fill('reporting');
  await page.getByLabel('Role').selectOption('viewer');
  await page.getByRole('group', { name: 'agents' }).getByLabel('read').check();
  await page.getByRole('button', { name: 'Create key' }).click();
  const secret = await page.getByTestId('secret').textContent();
  await page.getByRole('button', { name: 'I have stored it' }).click();

  const list = () => fetch(`${muster.url}/v1/orgs/default/agents`, { headers: { authorization: `Bearer ${secret}` } });
  assert.equal((await list()).status, 200);

  await page.getByRole('button', { name: 'Actions for reporting' }).click();
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('Revoked reporting').waitFor();
  assert.equal((await list()).status, 401);
  assert.deepEqual(faults, []);
  await close();
});

test('a viewer sees agents but neither access pages nor anything to change', async () => {
  const admin = await muster.open();
  await logIn(admin.page, muster);
  await admin.page.goto('/ui/users');
  await admin.page.getByRole('button', { name: 'New user' }).click();
  await admin.page.getByLabel('Username').fill('vera');
  await admin.page.getByLabel('Password').fill('a long enough password');
  await admin.page.getByLabel('Role').selectOption('viewer');
  await admin.page.getByRole('button', { name: 'Create user' }).click();
  await admin.page.getByText('Created vera').waitFor();
  await admin.page.getByRole('row', { name: /vera/ }).waitFor();

  const { page, faults, close } = await muster.open();
  await logIn(page, { username: 'vera', password: 'a long enough password' });
  assert.equal(await page.getByRole('link', { name: 'Users' }).count(), 0);
  assert.equal(await page.getByRole('link', { name: 'New agent' }).count(), 0);
  for (const path of ['users', 'gateway', 'organization']) {
    await page.goto(`/ui/${path}`);
    await page.getByText('There is no such page').waitFor();
  }

  const slug = await enrolAgent(admin.page, 'Seen');
  await admin.page.request.post('/api/tasks', { data: { title: 'Look only', assigned_to: 'Seen' } });
  await page.goto('/ui/tasks');
  await page.getByRole('button', { name: 'Look only' }).press('Shift+ArrowRight');
  await page.getByRole('button', { name: 'Look only' }).click();
  assert.equal(await page.getByRole('dialog').getByLabel('Title').isDisabled(), true);
  assert.equal(await page.getByRole('button', { name: /^(New task|Move|Save|Delete)/ }).count(), 0);
  for (const [tab, field] of [
    ['soul', 'Soul of Seen'],
    ['memory', 'Working memory'],
  ]) {
    await page.goto(`/ui/agents/${slug}/${tab}`);
    assert.equal(await page.getByLabel(field).getAttribute('readonly'), '');
    assert.equal(await page.getByRole('button', { name: /^(Save|Use a template|Add entry|Clear)/ }).count(), 0);
  }
  assert.deepEqual(faults, []);
  await close();
  await admin.close();
});

test('a disabled user cannot log in', async () => {
  const { page, close } = await muster.open();
  await logIn(page, muster);
  await page.goto('/ui/users');
  await page.getByRole('button', { name: 'New user' }).click();
  await page.getByLabel('Username').fill('dan');
  await page.getByLabel('Password').fill('a long enough password');
  await page.getByRole('button', { name: 'Create user' }).click();
  await page.getByRole('button', { name: 'Actions for dan' }).click();
  await page.getByRole('button', { name: 'Disable' }).click();
  await page.getByRole('row', { name: /dan/ }).getByText('disabled').waitFor();

  const other = await muster.open();
  await other.page.goto('/ui/login');
  await other.page.getByLabel('Username').fill('dan');
  await other.page.getByLabel('Password').fill('a long enough password');
  await other.page.keyboard.press('Enter');
  await other.page.getByRole('alert').waitFor();
  await other.close();
  await close();
});
