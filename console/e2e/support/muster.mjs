// Starts the real server with an empty data directory, and browsers that watch what the console does.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startModel } from './model.mjs';

const BINARY = process.env.MUSTER_BIN ?? fileURLToPath(new URL('../../../target/debug/muster', import.meta.url));
const CHROMIUM = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';
const PASSWORD = 'correct horse battery';
const START_MS = 30_000;

/** `gateway` is what the configuration file of a gateway says, which sync reads; `settings` are more of the server's. */
export async function startMuster({ gateway = '', settings = {} } = {}) {
  const data = await mkdtemp(join(tmpdir(), 'muster-e2e-'));
  const model = await startModel();
  const env = {
    ...process.env,
    MUSTER_DATA: data,
    MUSTER_LISTEN: '127.0.0.1:0',
    MUSTER_ADMIN_PASSWORD: PASSWORD,
    MUSTER_RATE_LIMIT: 'off',
    OPENAI_API_KEY: 'test',
    OPENAI_BASE_URL: model.url,
    ...settings,
  };
  const gatewayFile = join(data, 'openclaw.json');
  const writeGateway = (text) => writeFile(gatewayFile, text);
  if (gateway) {
    await writeGateway(gateway);
    env.MUSTER_GATEWAY_CONFIG = gatewayFile;
  }
  let server = spawn(BINARY, ['serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const url = await readyUrl(server);
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return {
    url,
    model,
    username: 'admin',
    password: PASSWORD,
    writeGateway,
    readGateway: () => readFile(gatewayFile, 'utf8'),
    open: (options) => openWindow(browser, url, options),
    /** Kills the server without a warning and starts it again at the same address. */
    crash: async () => {
      server.kill('SIGKILL');
      await ended(server);
      env.MUSTER_LISTEN = new URL(url).host;
      server = spawn(BINARY, ['serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      await readyUrl(server);
    },
    stop: async () => {
      await browser.close();
      server.kill('SIGTERM');
      await ended(server);
      model.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

function ended(server) {
  const isOver = server.exitCode !== null || server.signalCode !== null;
  return isOver ? Promise.resolve() : new Promise((resolve) => server.once('exit', resolve));
}

function readyUrl(server) {
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = (reason) => reject(new Error(`${reason}\n${said}`));
    const timer = setTimeout(() => fail('the server was not ready in time'), START_MS);
    const read = (piece) => {
      said += piece;
      const ready = /muster ready on (http:\/\/\S+)/.exec(said);
      if (!ready) return;
      clearTimeout(timer);
      resolve(ready[1]);
    };
    server.stdout.on('data', read);
    server.stderr.on('data', (piece) => (said += piece));
    server.once('error', (error) => fail(`cannot start ${BINARY}: ${error.message}`));
    server.once('exit', (code) => fail(`the server ended with ${code}`));
  });
}

/** A window of its own session. `faults` gathers what no page may do: leave the origin, break the CSP, log errors. */
async function openWindow(browser, url, options = {}) {
  const context = await browser.newContext({ baseURL: url, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const faults = [];
  page.on('request', (request) => {
    const target = new URL(request.url());
    if (target.protocol !== 'data:' && target.origin !== url) faults.push(`left the origin: ${request.url()}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error' && !isRefusal(message.text())) faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`page: ${error.message}`));
  return { page, faults, close: () => context.close() };
}

/** Chromium itself logs every refusal of the API; the console handles those. */
function isRefusal(text) {
  return /Failed to load resource: the server responded with a status of 4\d\d/.test(text);
}

export async function logIn(page, { username, password }) {
  await page.goto('/ui/login');
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await title(page, 'Overview').waitFor();
}

export async function createAgent(page, name) {
  await page.goto('/ui/agents/new');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Description').fill('Made by a test');
  await page.getByLabel('Model').fill('openai/test');
  await page.getByRole('button', { name: 'Create agent' }).click();
  await composer(page).waitFor();
}

/** Makes an agent that runs elsewhere: what it is told waits until it asks. Answers its id. */
export async function enrolAgent(page, name, more = {}) {
  const answer = await page.request.post('/api/agents', { data: { name, role: 'developer', ...more } });
  if (answer.status() !== 201) throw new Error(`${name} was not made: ${await answer.text()}`);
  const { agent } = await answer.json();
  return agent.slug;
}

export function composer(page) {
  return page.getByRole('textbox', { name: /^Message to/ });
}

export async function say(page, text) {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

/** The heading of the page that is shown. */
export function title(page, text) {
  return page.getByRole('heading', { name: text, level: 1, exact: true });
}
