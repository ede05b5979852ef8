import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { logIn, startMuster, title } from './support/muster.mjs';
import { SOURCE_TOKEN, startSource } from './support/source.mjs';

let muster;
let source;
before(async () => {
  source = await startSource();
  muster = await startMuster({ settings: { MUSTER_ALLOW_PRIVATE_URLS: '127.0.0.1' } });
});
after(async () => {
  await muster?.stop();
  source?.stop();
});

async function newConnector(page, type, name) {
  await page.goto('/ui/connectors/new');
  await page.getByLabel('What do you want to connect?').fill(type);
  await page.getByRole('button', { name: type }).first().click();
  await page.getByLabel('Name', { exact: true }).fill(name);
}

async function newHttp(page, name) {
  await newConnector(page, 'HTTP', name);
  await page.getByLabel('Base URL').fill(source.url);
  await page.getByLabel('Credentials').selectOption('bearer');
  await page.getByLabel(/^Token/).fill(SOURCE_TOKEN);
  await page.getByRole('button', { name: 'Create connector' }).click();
  await title(page, name).waitFor();
}

async function run(page, resource, query = '') {
  await page.getByLabel('Resource', { exact: true }).fill(resource);
  await page.getByLabel('Query', { exact: true }).fill(query);
  await page.getByLabel('Query', { exact: true }).press('Control+Enter');
}

async function saved(page, button) {
  const [file] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
}

test('a connector is made with the form of its type, tested, asked, and its answer taken along', async () => {
  const { page, faults, close } = await muster.open({ acceptDownloads: true });
  await logIn(page, muster);
  await page.goto('/ui/connectors');
  await page.getByText('No connectors yet').waitFor();
  await newConnector(page, 'HTTP', 'Orders');
  await page.getByLabel('Base URL').fill('no url');
  await page.getByRole('button', { name: 'Create connector' }).click();
  await page.locator('[aria-invalid]').first().waitFor();
  await newHttp(page, 'Orders');

  await page.getByRole('button', { name: 'Test' }).click();
  await page.locator('.connector-outcome.good').waitFor();
  await run(page, 'orders');
  const table = page.getByRole('region', { name: 'Result table' });
  await table.getByRole('cell', { name: 'Bob, the "builder"' }).waitFor();
  await page.getByRole('status').filter({ hasText: '2 items in' }).waitFor();

  const csv = await saved(page, page.getByRole('button', { name: 'CSV' }));
  assert.equal(csv.name, 'orders.csv');
  const lines = csv.text.split('\r\n');
  assert.deepEqual(lines[0].split(',').sort(), ['customer', 'id', 'note', 'paid', 'total']);
  assert.ok(lines.some((line) => line.includes('"Bob, the ""builder"""') && line.includes('"{""gift"":true}"')));
  const json = await saved(page, page.getByRole('button', { name: 'JSON', exact: true }));
  assert.equal(JSON.parse(json.text)[0].customer, 'Ann');

  await page.getByRole('button', { name: 'Open row 2' }).click();
  await page.getByRole('dialog', { name: 'Row 2' }).getByText('"gift": true').waitFor();
  await page.keyboard.press('Escape');
  await page.reload();
  assert.equal(await page.getByLabel('Resource', { exact: true }).inputValue(), 'orders');
  assert.deepEqual(faults, []);
  await close();
});

test('why a query is refused or fails is said where it was asked', async () => {
  const { page, close } = await muster.open();
  await logIn(page, muster);
  await newHttp(page, 'Faulty');
  await run(page, 'broken');
  await page.getByRole('alert').getByText('The source failed').waitFor();
  await page
    .getByRole('alert')
    .getByText(/the disk is full|500/)
    .waitFor();
  await run(page, 'slow');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Run' }).waitFor();
  await run(page, 'orders');
  await page.getByRole('region', { name: 'Result table' }).waitFor();
  await close();
});

test('a connector that is to ask elsewhere needs its secret again, and says so at once', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  await newHttp(page, 'Moving');
  await page.getByRole('link', { name: 'Settings' }).click();
  const stored = page.getByRole('group', { name: /^Token/ });
  await stored.getByText('Set', { exact: true }).waitFor();
  const changes = [];
  page.on('request', (request) => request.method() === 'PATCH' && changes.push(request.url()));

  await page.getByLabel('Base URL').fill('https://elsewhere.example.com');
  const token = page.getByLabel(/^Token/).and(page.locator('input'));
  const field = page.locator('.field', { has: token });
  await field.getByText(/^Enter it again.*“Base URL”/).waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await field
    .locator('.field-error')
    .getByText(/^Enter it again/)
    .waitFor();
  assert.deepEqual(changes, []);

  await page.getByLabel('Base URL').fill(`${source.url}/`);
  await stored.getByText('Set', { exact: true }).waitFor();
  await page.getByLabel('Base URL').fill('https://elsewhere.example.com');
  await token.fill('another');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  await stored.getByText('Set', { exact: true }).waitFor();
  assert.deepEqual(faults, []);
  await close();
});

test('a secret is only seen to be set, replaced and cleared; a disabled connector answers nobody', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  await newHttp(page, 'Guarded');
  await page.getByRole('link', { name: 'Settings' }).click();
  const token = page.getByRole('group', { name: /^Token/ });
  await token.getByText('Set', { exact: true }).waitFor();
  assert.ok(!(await page.content()).includes(SOURCE_TOKEN));

  await token.getByRole('button', { name: 'Replace' }).click();
  await page.getByLabel(/^Token/).fill('wrong');
  await page.getByLabel('Description').fill('Kept by a test');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  await token.getByText('Set', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Test' }).click();
  await page.locator('.connector-outcome.bad').waitFor();

  // It was given to be sent in one way.
  await page.getByLabel('Credentials').selectOption('none');
  await page.getByText(/^Enter it again.*“Credentials”/).waitFor();
  await page.getByLabel('Credentials').selectOption('bearer');

  await token.getByRole('button', { name: 'Clear' }).click();
  await token.getByText('Cleared when saved').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Credentials').selectOption('none');
  await page.getByRole('button', { name: 'Save' }).click();
  await page
    .getByLabel(/^Token/)
    .and(page.locator('input'))
    .waitFor();

  await page.getByRole('switch', { name: 'Guarded is enabled' }).click();
  await page.getByText('Disabled Guarded').waitFor();
  await page.getByRole('link', { name: 'Query' }).click();
  await page.getByText('This connector is disabled').waitFor();
  await page.goto('/ui/connectors');
  await page.getByRole('button', { name: 'Actions for Guarded' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('Deleted Guarded').waitFor();
  assert.equal(await page.getByRole('link', { name: 'Guarded' }).count(), 0);
  assert.deepEqual(faults, []);
  await close();
});
