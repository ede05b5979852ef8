import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { createAgent, logIn, startMuster, title } from './support/muster.mjs';
import { hasPostgres, makeDatabase } from './support/postgres.mjs';

const ORDERS = `
  CREATE TABLE orders (id int, customer text, paid bool, data jsonb);
  INSERT INTO orders VALUES (1, 'Ann', true, NULL), (2, 'Bob, the "builder"', false, '{"gift": true}');
  CREATE TABLE many AS SELECT n, n * n AS square FROM generate_series(1, 300) n`;
const options = { skip: !hasPostgres && 'MUSTER_TEST_POSTGRES names no server; run it by scripts/with-postgres' };

let muster;
let database;
before(async () => {
  if (!hasPostgres) return;
  database = await makeDatabase(ORDERS);
  muster = await startMuster({ settings: { MUSTER_ALLOW_PRIVATE_URLS: 'on' } });
});
after(async () => {
  await muster?.stop();
  await database?.drop();
});

async function fill(page, name) {
  await page.goto('/ui/connectors/new');
  await page.getByLabel('What do you want to connect?').fill('postgres');
  await page.getByRole('button', { name: 'PostgreSQL' }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Host', { exact: true }).fill(database.host);
  await page.getByLabel('Port (optional)').fill(database.port);
  await page.getByLabel('Database', { exact: true }).fill(database.database);
  await page.getByLabel('User', { exact: true }).fill(database.user);
  await page.getByLabel('Password (optional)').fill(database.password || 'none is needed');
}

async function make(page, name) {
  await fill(page, name);
  await page.getByRole('button', { name: 'Create connector' }).click();
  await title(page, name).waitFor();
}

async function ask(page, query, resource = '') {
  await page.getByLabel('Resource', { exact: true }).fill(resource);
  await page.getByLabel('Query', { exact: true }).fill(query);
  await page.getByLabel('Query', { exact: true }).press('Control+Enter');
}

async function saved(page, button) {
  const [file] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
}

test('a database is connected by its form, tested, asked, and its rows taken along', options, async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  await page.goto('/ui/connectors');
  await page.getByText('No connectors yet').waitFor();
  await fill(page, 'Shop');
  await page.getByLabel('Port (optional)').fill('70000');
  await page.getByRole('button', { name: 'Create connector' }).click();
  await page.getByText('This must be 65535 or less.').waitFor();
  await make(page, 'Shop');
  await page.locator('.connector-outcome.good').filter({ hasText: 'PostgreSQL' }).waitFor();

  await page.getByRole('button', { name: /orders/ }).click();
  assert.equal(await page.getByLabel('Resource', { exact: true }).inputValue(), 'orders');
  await page.getByRole('button', { name: 'Run' }).click();
  const table = page.getByRole('region', { name: 'Result table' });
  await table.getByRole('cell', { name: 'Bob, the "builder"' }).waitFor();
  await page.getByRole('status').filter({ hasText: '2 rows in' }).waitFor();

  const csv = await saved(page, page.getByRole('button', { name: 'CSV' }));
  assert.equal(csv.name, 'shop.csv');
  assert.equal(
    csv.text,
    'id,customer,paid,data\r\n1,Ann,true,\r\n2,"Bob, the ""builder""",false,"{""gift"":true}"\r\n',
  );
  const json = await saved(page, page.getByRole('button', { name: 'JSON', exact: true }));
  assert.deepEqual(JSON.parse(json.text)[0], { id: 1, customer: 'Ann', paid: true, data: null });
  await page.getByRole('button', { name: 'Open row 2' }).click();
  await page.getByRole('dialog', { name: 'Row 2' }).getByText('"gift": true').waitFor();
  await page.keyboard.press('Escape');

  await ask(page, 'SELECT * FROM many WHERE n > :least ORDER BY n');
  await page.getByText('The query was refused').waitFor();
  await page.getByRole('button', { name: 'Add parameter' }).click();
  await page.getByLabel('Parameter name').fill('least');
  await page.getByLabel('Value of least').fill('100');
  await page.getByLabel('Up to').selectOption('100');
  await page.getByRole('button', { name: 'Run' }).click();
  await page.getByText('only the first 100 came through').waitFor();
  await table.getByRole('cell', { name: '40000' }).waitFor();

  await page.reload();
  assert.match(await page.getByLabel('Query', { exact: true }).inputValue(), /FROM many/);
  await page.getByLabel('Recent queries').selectOption({ index: 3 });
  assert.equal(await page.getByLabel('Resource', { exact: true }).inputValue(), 'orders');
  assert.deepEqual(faults, []);
  await close();
});

test(
  'a query that would write is refused with the reason, a failing one says what the source said',
  options,
  async () => {
    const { page, close } = await muster.open();
    await logIn(page, muster);
    await make(page, 'Careful');
    await ask(page, 'DELETE FROM orders');
    await page.getByRole('alert').getByText('The query was refused').waitFor();
    assert.equal(await page.getByLabel('Query', { exact: true }).getAttribute('aria-invalid'), 'true');
    await ask(page, 'SELECT nothing FROM orders');
    await page
      .getByRole('alert')
      .getByText(/column "nothing" does not exist/)
      .waitFor();
    await ask(page, 'SELECT pg_sleep(20)');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await ask(page, 'SELECT 1 AS one WHERE false');
    await page.getByText('there is nothing that fits').waitFor();
    await close();
  },
);

test('a secret is only seen to be set; it is replaced, cleared and kept', options, async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  await make(page, 'Guarded');
  await page.getByRole('link', { name: 'Settings' }).click();
  const password = page.getByRole('group', { name: /^Password/ });
  await password.getByText('Set', { exact: true }).waitFor();

  await page.getByLabel('Description (optional)').fill('Kept by a test');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  await password.getByText('Set', { exact: true }).waitFor();

  await password.getByRole('button', { name: 'Replace' }).click();
  await page.getByLabel('Password (optional)').fill('hunter2');
  await page.getByRole('button', { name: 'Save' }).click();
  await password.getByText('Set', { exact: true }).waitFor();
  assert.ok(!(await page.content()).includes('hunter2'));

  await password.getByRole('button', { name: 'Clear' }).click();
  await password.getByText('Cleared when saved').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('input[type=password]').waitFor();
  await page.reload();
  await page.locator('input[type=password]').waitFor();
  assert.equal(await page.getByLabel('Description (optional)').inputValue(), 'Kept by a test');
  assert.deepEqual(faults, []);
  await close();
});

test('a connector is granted to agents, switched off, and deleted', options, async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  await createAgent(page, 'Clerk');
  await make(page, 'Stock');
  await page.getByRole('navigation', { name: 'Stock' }).getByRole('link', { name: 'Agents' }).click();
  await page.getByText('No agent has it yet').waitFor();
  await page.getByLabel('Agent', { exact: true }).fill('Nobody');
  await page.getByRole('button', { name: 'Grant' }).click();
  await page.getByText('There is no agent of this name').waitFor();
  await page.getByLabel('Agent', { exact: true }).fill('Clerk');
  await page.getByRole('button', { name: 'Grant' }).click();
  await page.getByRole('button', { name: 'Take it from Clerk' }).waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Take it from Clerk' }).click();
  await page.getByText('No agent has it yet').waitFor();

  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('switch', { name: 'Stock is enabled' }).click();
  await page.getByText('Disabled Stock').waitFor();
  await page.getByRole('link', { name: 'Query' }).click();
  await page.getByText('This connector is disabled').waitFor();
  await page.goto('/ui/connectors');
  await page.getByRole('button', { name: 'Actions for Stock' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('Deleted Stock').waitFor();
  await page.getByRole('link', { name: 'Stock' }).waitFor({ state: 'detached' });
  assert.deepEqual(faults, []);
  await close();
});
