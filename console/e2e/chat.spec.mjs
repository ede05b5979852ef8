import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { composer, createAgent, logIn, say, startMuster } from './support/muster.mjs';

let muster;
before(async () => (muster = await startMuster()));
after(() => muster?.stop());

const log = (page) => page.getByRole('log', { name: 'Messages' });

test('a reply streams in, is still there after a reload, and a second window sees it live', async () => {
  const first = await muster.open();
  await logIn(first.page, muster);
  await createAgent(first.page, 'Ann');
  await say(first.page, 'hello there');
  await log(first.page).getByText('You said: hello there').waitFor();

  const second = await muster.open();
  await logIn(second.page, muster);
  await second.page.goto(first.page.url());
  await log(second.page).getByText('You said: hello there').waitFor();

  await say(first.page, 'hold it');
  for (const { page } of [first, second]) {
    await log(page).getByText('hold it').waitFor();
    await log(page).getByText('First part.').waitFor();
    assert.equal(await log(page).getByText('Second part.').count(), 0);
  }
  await first.page.reload();
  await log(first.page).getByText('First part.').waitFor();

  muster.model.release();
  for (const { page } of [first, second]) {
    await log(page).getByText('First part. Second part.').waitFor();
    await page.reload();
    await log(page).getByText('First part. Second part.').waitFor();
    assert.equal(await log(page).getByText('First part.').count(), 1);
    assert.equal(await log(page).getByText('hold it').count(), 1);
  }
  assert.deepEqual([...first.faults, ...second.faults], []);
  await first.close();
  await second.close();
});

test('tool calls are folded in, and the turn can be inspected', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  await createAgent(page, 'Bob');
  await say(page, 'please use a tool');
  await log(page).getByText('You said: please use a tool').waitFor();
  await log(page).getByText('current_time').waitFor();
  await page.reload();
  await log(page).getByText('current_time').click();
  await log(page).getByRole('figure').filter({ hasText: 'Result' }).waitFor();

  await log(page).getByRole('link', { name: 'Inspect' }).click();
  const inspector = page.getByRole('dialog', { name: 'Turn' });
  await inspector.getByText('succeeded').waitFor();
  await inspector.getByRole('listitem').filter({ hasText: 'current_time' }).locator('summary').last().waitFor();
  await inspector.getByText('Prompt').click();
  await page.keyboard.press('Escape');
  await inspector.waitFor({ state: 'detached' });
  assert.deepEqual(faults, []);
  await close();
});

test('a running reply can be added to, interrupted and stopped', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  await createAgent(page, 'Cleo');
  await say(page, 'hold this');
  await log(page).getByText('First part.').waitFor();
  await say(page, 'and then this');
  await log(page).getByText('queued').waitFor();
  muster.model.release();
  await log(page)
    .getByText(/You said: .*and then this/)
    .waitFor();

  await say(page, 'hold again');
  await page.getByRole('button', { name: 'Stop reply' }).click();
  await log(page).getByText('cancelled').waitFor();

  await say(page, 'hold once more');
  await page.getByRole('radio', { name: 'Interrupt it' }).check({ force: true });
  await say(page, 'something else');
  await log(page)
    .getByText(/You said: .*something else/)
    .waitFor();
  assert.deepEqual(faults, []);
  await close();
});

test('unsent text survives a reload, and Shift+Enter makes a new line', async () => {
  const { page, close } = await muster.open();
  await logIn(page, muster);
  await createAgent(page, 'Dora');
  await composer(page).fill('one');
  await composer(page).press('Shift+Enter');
  await composer(page).pressSequentially('two');
  await page.reload();
  assert.equal(await composer(page).inputValue(), 'one\ntwo');
  await close();
});

test('a reply goes on after the server was killed in the middle of it', async () => {
  const { page, close } = await muster.open();
  await logIn(page, muster);
  await createAgent(page, 'Emil');
  await say(page, 'hold on tight');
  await log(page).getByText('First part.').waitFor();
  await muster.crash();
  const answered = log(page).getByText('First part. Second part.').waitFor({ timeout: 90_000 });
  const letGo = setInterval(() => muster.model.release(), 500);
  await answered.finally(() => clearInterval(letGo));
  assert.equal(await log(page).getByText('First part.').count(), 1);
  await say(page, 'still there?');
  await log(page).getByText('You said: still there?').waitFor();
  await close();
});

test('an agent without balance says so, and answers when it is topped up', async () => {
  const { page, faults, close } = await muster.open();
  await logIn(page, muster);
  await createAgent(page, 'Flora');
  const chat = page.url();
  await setBalance(page, '0');
  await page.goto(chat);
  await say(page, 'anybody there?');
  await log(page).getByRole('link', { name: 'Top up the balance' }).click();
  await setBalance(page, '100000');
  await page.goto(chat);
  await log(page).getByText('You said: anybody there?').waitFor();
  assert.deepEqual(faults, []);
  await close();
});

async function setBalance(page, tokens) {
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('radio', { name: 'Set to' }).check({ force: true });
  await page.getByLabel('Tokens').fill(tokens);
  await page.getByRole('button', { name: 'Set balance' }).click();
  await page.getByText('The balance is now').waitFor();
}
