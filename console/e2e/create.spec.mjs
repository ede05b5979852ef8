import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { composer, logIn, startMuster, title } from './support/muster.mjs';

let muster;
before(async () => (muster = await startMuster()));
after(() => muster?.stop());

async function newFromTemplate(page, name, template) {
  await page.goto('/ui/agents/new');
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Start from a template' }).click();
  const dialog = page.getByRole('dialog', { name: 'Use a template' });
  await dialog.getByRole('radio', { name: new RegExp(`^${template}`) }).check();
  return dialog;
}

/** What the server has of the agent whose page is shown: as mission tells it, and as hosting does. */
async function stored(page) {
  const id = new URL(page.url()).pathname.split('/')[3];
  const [card, hosted] = await Promise.all([
    page.request.get(`/api/agents/${id}`).then((answer) => answer.json()),
    page.request.get(`/v1/agent/${id}`).then((answer) => answer.json()),
  ]);
  return { card: card.agent, hosted };
}

test('a template is seen whole, fills in the form, and all of it takes effect', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  const { templates } = await (await page.request.get('/api/agent-templates')).json();
  const template = templates.find(({ id }) => id === 'developer');
  const { model, tools, sandbox } = template.config;

  const dialog = await newFromTemplate(page, 'Dev', 'Developer');
  const facts = dialog.getByLabel('What Developer consists of');
  await facts.getByText(model.primary).waitFor();
  await facts.getByText(tools.allow[0], { exact: true }).waitFor();
  await facts.getByText(sandbox.pvc_size).waitFor();
  assert.equal(await dialog.getByLabel('Soul of Developer').textContent(), template.soul_content);
  await dialog.getByRole('button', { name: 'Use this template' }).click();

  assert.equal(await page.getByLabel('Role').inputValue(), template.role);
  assert.equal(await page.getByLabel('Soul').inputValue(), template.soul_content);
  assert.equal(await page.getByLabel('Workspace quota').inputValue(), sandbox.pvc_size);
  await page.getByRole('button', { name: 'Create agent' }).click();
  await composer(page).waitFor();

  const { card, hosted } = await stored(page);
  assert.equal(card.role, template.role);
  assert.equal(card.soul_content, template.soul_content);
  assert.deepEqual(card.config, template.config);
  assert.equal(hosted.configuration.model, model.primary);
  assert.deepEqual(hosted.configuration.tools.allow, tools.allow);
  assert.deepEqual(hosted.configuration.resources, sandbox.resources);
  assert.equal(hosted.pvc_size, sandbox.pvc_size);
  assert.equal(card.status, 'online');
  assert.deepEqual(faults, []);
  await close();
});

test('what a template fills in can be changed before the agent is made', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  const dialog = await newFromTemplate(page, 'Own', 'Reviewer');
  await dialog.getByRole('button', { name: 'Use this template' }).click();
  await page.getByLabel('Role').fill('lead reviewer');
  await page.getByLabel('Soul').fill('You are kind.');
  await page.getByLabel('Model').fill('openai/test');
  await page.getByLabel('Tools (optional)', { exact: true }).fill('current_time');
  await page.getByLabel('CPU').fill('');
  await page.getByLabel('Output token balance').fill('777');
  await page.getByRole('button', { name: 'Create agent' }).click();
  await composer(page).waitFor();

  const { card, hosted } = await stored(page);
  assert.deepEqual([card.role, card.soul_content], ['lead reviewer', 'You are kind.']);
  assert.equal(hosted.configuration.model, 'openai/test');
  assert.deepEqual(hosted.configuration.tools.allow, ['current_time']);
  assert.equal(hosted.configuration.resources.cpu ?? null, null);
  assert.equal(hosted.output_token_balance, 777);
  assert.deepEqual(faults, []);
  await close();
});

test('role and soul are kept without a model, too, and an agent elsewhere has none', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  await page.goto('/ui/agents/new');
  await page.getByLabel('Name').fill('Plain');
  await page.getByLabel('Role').fill('helper');
  await page.getByLabel('Soul').fill('You help.');
  await page.getByRole('button', { name: 'Create agent' }).click();
  await composer(page).waitFor();
  const here = await stored(page);
  assert.deepEqual([here.card.role, here.card.soul_content], ['helper', 'You help.']);
  await page.locator('.agent-head').getByText('default model').waitFor();

  await page.goto('/ui/agents/new');
  await page.getByLabel('Name').fill('Far');
  await page.getByRole('radio', { name: 'Elsewhere' }).check({ force: true });
  assert.equal(await page.getByLabel('Model').count(), 0);
  assert.equal(await page.getByRole('radio', { name: 'In the gateway' }).count(), 0);
  await page.getByLabel('Role').fill('scout');
  await page.getByLabel('Description').fill('Looks around');
  await page.getByRole('button', { name: 'Create agent' }).click();
  await page.locator('.agent-head').getByText('Runs elsewhere').waitFor();
  const far = await stored(page);
  assert.deepEqual([far.card.role, far.hosted.description], ['scout', 'Looks around']);
  assert.deepEqual(faults, []);
  await close();
});

test('what is refused of a template’s fields is told beside them', async () => {
  const { page, close } = await muster.open();
  await logIn(page, muster);
  await page.goto('/ui/agents/new?template=developer');
  await page.getByText('From the template').waitFor();
  await page.getByLabel('Name').fill('Wrong');
  await page.getByLabel('CPU').fill('many');
  await page.getByRole('button', { name: 'Create agent' }).click();
  const field = page.locator('.field', { has: page.getByLabel('CPU') });
  await field.locator('.field-error').waitFor();
  await title(page, 'New agent').waitFor();
  await close();
});
