#!/usr/bin/env node
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join, extname } from 'node:path';
import { randomBytes } from 'node:crypto';

const dist = new URL('../dist/', import.meta.url).pathname;
const password = process.env.MUSTER_ADMIN_PASSWORD ?? 'admin-password';
const [host, port] = (process.env.MUSTER_LISTEN ?? '127.0.0.1:0').split(':');
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const now = () => new Date().toISOString();
const id = (p) => p + randomBytes(8).toString('hex');
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));

const sessions = new Map();
const users = [{ id: 'usr_admin', username: 'admin', displayName: null, role: 'owner', disabled: false, password, createdAt: now(), updatedAt: now(), lastLoginAt: null }];
const keys = [];
const agents = new Map();
const messages = [];
const convs = new Map();
const turns = new Map();
const events = [];
const listeners = new Set();
let me = users[0];

function emit(type, subject, data, actor) {
  const e = { seq: events.length + 1, id: id('evt_'), type, subject, actor: actor ?? { kind: 'user', id: me.id, name: me.username }, at: now(), data, hash: randomBytes(16).toString('hex') };
  events.push(e);
  for (const l of listeners) l(e);
}
const userOf = (u) => ({ id: u.id, username: u.username, displayName: u.displayName, role: u.role, org: { id: 'default', name: 'Default' } });
const pub = ({ password: _, ...u }) => u;
const orgAgent = (a) => ({ id: a.id, number: a.number, orgId: 'default', name: a.name, description: a.description, identity: {}, lifecycle: a.status, presence: a.presence, source: 'hosting', model: a.configuration.model ?? null, messageCount: messages.filter((m) => m.agentId === a.id).length, outputTokenBalance: a.output_token_balance, lastSeenAt: a.seen ?? null, version: a.version, createdAt: a.created_at, updatedAt: a.updated_at });
const hosted = (a) => { const { presence, seen, version, number, ...rest } = a; return { ...rest, mcp_servers: [], filesystem_summary: { total_files: 0, total_size_mb: 0, last_modified: null } }; };
const msgOut = ({ agentId, turn, ...m }) => m;

class Refuse extends Error { constructor(status, code, message, field) { super(message); Object.assign(this, { status, code, field }); } }
const hostErr = (e) => ({ success: false, error: { code: e.code, message: e.message, ...(e.field && { details: { field: e.field, reason: e.message } }) }, meta: { request_id: 'x', timestamp: now() } });
const orgErr = (e) => ({ statusCode: e.status, code: e.code, message: e.message, ...(e.field && { field: e.field }) });

function makeAgent(b) {
  if (typeof b.name !== 'string' || !b.name) throw new Refuse(400, 'INVALID_REQUEST', 'name is required', 'name');
  if ([...agents.values()].some((a) => a.name === b.name)) throw new Refuse(409, 'CONFLICT', `an agent named ${b.name} already exists; choose another name`, 'name');
  if (b.warmth_window_ms && b.warmth_window_ms < 300000) throw new Refuse(400, 'INVALID_REQUEST', 'warmth_window_ms must be at least 300000', 'warmth_window_ms');
  const a = { id: `agent-${b.name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${randomBytes(4).toString('hex')}`, number: agents.size + 1, name: b.name, description: b.description ?? null, status: 'active', presence: 'online', created_at: now(), updated_at: now(), configuration: b.configuration ?? {}, system_prompt: b.system_prompt ?? null, system_prompt_type: b.system_prompt_type ?? 'append', output_token_balance: b.output_token_balance ?? 1000000, version: 1 };
  agents.set(a.id, a);
  emit('agent.created', a.id, { name: a.name });
  return a;
}

const WORDS = (q) => `No model is configured, so this is the built-in **offline** model. You said: “${q.slice(0, 80)}”.\n\nWhat I can do here:\n\n1. Remember things with \`/remember key value\`\n2. Call a tool with \`/call <tool> {json}\`\n3. Show tools with \`/tools\`\n\n| Setting | Value |\n| --- | --- |\n| \`OPENAI_BASE_URL\` | https://example.com/v1 |\n| \`ANTHROPIC_API_KEY\` | not set |\n\n\`\`\`sh\nmuster serve --listen 127.0.0.1:7717\n\`\`\`\n\nMore is in [the documentation](https://example.com/docs) 🚀, and an image: ![diagram](https://example.com/x.png)`;

async function runTurn(a, batch, conv) {
  const t = { id: id('turn_'), agentId: a.id, conversationId: conv.id, state: 'running', attempt: 1, definitionVersion: a.version, model: a.configuration.model ?? 'offline', createdAt: batch[0].created_at, startedAt: now(), finishedAt: null, usage: { inputTokens: 812, outputTokens: 0, cachedInputTokens: 512, modelMs: 0 }, messages: batch.map((m) => ({ id: m.id, role: 'user', content: m.content, status: 'processing', createdAt: m.created_at })), steps: [], log: [], subs: new Set(), prompt: { system: `You are ${a.name}.\n${a.system_prompt ?? ''}`, messages: batch.map((m) => ({ role: 'user', content: m.content })) } };
  turns.set(t.id, t);
  conv.running = t;
  a.presence = 'busy';
  for (const m of batch) { m.status = 'processing'; m.turn = t; for (const w of m.waiters ?? []) w(t); delete m.waiters; }
  emit('turn.started', t.id, { turnId: t.id, agentId: a.id, conversationId: conv.id }, { kind: 'agent', id: a.id, name: a.name });
  const push = (event, data) => { const e = { id: t.log.length + 1, event, data: { turn_id: t.id, ...data } }; t.log.push(e); for (const s of t.subs) s(e); };
  const q = batch.at(-1).content;
  const step = (kind, name, input) => { const s = { index: t.steps.length, kind, state: 'running', name, input, attempts: 1, startedAt: now() }; t.steps.push(s); return s; };
  const end = (s, output) => Object.assign(s, { state: 'done', output, finishedAt: now(), durationMs: Date.now() - Date.parse(s.startedAt), usage: s.kind === 'model' ? { inputTokens: 406, outputTokens: 60 } : undefined });
  const relay = process.env.OPENAI_BASE_URL;
  if (relay) return relayTurn(a, batch, conv, t, push, step, end, relay);
  const m1 = step('model', t.model, null);
  await sleep(250);
  const useTool = /time|tool/.test(q);
  let text = '', len = 0;
  if (useTool) {
    end(m1, { toolCalls: 1 });
    const s = step('tool', 'current_time', { timezone: 'Europe/Berlin' });
    push('tool.started', { call_id: 'c1', name: 'current_time', arguments: { timezone: 'Europe/Berlin' } });
    await sleep(300);
    push('tool.finished', { call_id: 'c1', name: 'current_time', ok: true, result: { now: now() }, duration_ms: 301 });
    end(s, { now: now() });
    emit('tool.called', a.id, { tool: 'current_time', agentId: a.id, turnId: t.id, conversationId: conv.id }, { kind: 'agent', id: a.id, name: a.name });
  }
  const m2 = useTool ? step('model', t.model, null) : m1;
  const full = /long/.test(q) ? Array(8).fill(WORDS(q)).join('\n\n') : WORDS(q);
  for (const piece of full.match(/.{1,9}/gsu)) {
    if (t.cancelled) break;
    push('message.delta', { text: piece, offset: len });
    text += piece; len += [...piece].length;
    await sleep(/slow/.test(q) ? 120 : 25);
  }
  end(m2, { text });
  t.finishedAt = now(); t.usage.outputTokens = Math.round(len / 4); t.usage.modelMs = 900;
  a.output_token_balance -= t.usage.outputTokens;
  conv.running = null;
  a.presence = 'online'; a.seen = now();
  if (t.cancelled) {
    t.state = 'cancelled'; for (const m of batch) m.status = 'cancelled';
    push('turn.failed', { error: { code: 'CANCELLED', message: 'the turn was cancelled' } });
    emit('turn.cancelled', t.id, { turnId: t.id, agentId: a.id, conversationId: conv.id });
  } else {
    t.state = 'succeeded'; for (const m of batch) m.status = 'completed';
    const r = { id: id('msg_'), agentId: a.id, role: 'assistant', content: text, status: 'completed', channel: 'api', conversation_id: conv.id, reply_to_id: batch.at(-1).id, created_at: now() };
    messages.push(r); conv.unreadCount += 1; conv.lastMessageAt = now(); conv.lastMessagePreview = text.slice(0, 80);
    t.reply = { id: r.id, role: 'assistant', content: text, status: 'completed', createdAt: r.created_at };
    push('message.completed', { message: msgOut(r), usage: { input_tokens: 812, output_tokens: t.usage.outputTokens } });
    emit('message.completed', r.id, { messageId: r.id, conversationId: conv.id, agentId: a.id, turnId: t.id, role: 'assistant', channel: 'api', preview: text.slice(0, 80) }, { kind: 'agent', id: a.id, name: a.name });
    emit('turn.succeeded', t.id, { turnId: t.id, agentId: a.id, conversationId: conv.id }, { kind: 'agent', id: a.id, name: a.name });
  }
  kick(a, conv);
}
async function relayTurn(a, batch, conv, t, push, step, end, relay) {
  const history = [{ role: 'system', content: 'x' }, ...messages.filter((m) => m.conversation_id === conv.id && (m.role === 'assistant' || m.status !== 'pending')).map((m) => ({ role: m.role, content: m.content }))];
  let text = '', len = 0;
  for (let round = 0; round < 4; round++) {
    const s = step('model', 'test', null);
    const ctl = new AbortController(); t.abort = () => ctl.abort();
    const calls = [];
    try {
      const r = await fetch(relay + '/chat/completions', { method: 'POST', body: JSON.stringify({ stream: true, messages: history }), signal: ctl.signal });
      let buf = '';
      for await (const chunk of r.body.pipeThrough(new TextDecoderStream())) { buf += chunk; let i; while ((i = buf.indexOf('\n\n')) >= 0) { const line = buf.slice(6, i); buf = buf.slice(i + 2); if (line === '[DONE]') continue; const d = JSON.parse(line).choices?.[0]?.delta ?? {}; if (d.content) { push('message.delta', { text: d.content, offset: len }); text += d.content; len += [...d.content].length; } if (d.tool_calls) calls.push(...d.tool_calls); } }
    } catch { t.cancelled = true; }
    end(s, { text });
    if (t.cancelled || !calls.length) break;
    history.push({ role: 'assistant', content: null, tool_calls: calls });
    for (const c of calls) { const ts = step('tool', c.function.name, {}); push('tool.started', { call_id: c.id, name: c.function.name, arguments: JSON.parse(c.function.arguments) }); push('tool.finished', { call_id: c.id, name: c.function.name, ok: true, result: { now: now() }, duration_ms: 1 }); end(ts, { now: now() }); history.push({ role: 'tool', tool_call_id: c.id, content: '{}' }); }
  }
  finishTurn(a, batch, conv, t, push, text);
}
function finishTurn(a, batch, conv, t, push, text) {
  t.finishedAt = now(); conv.running = null; a.presence = 'online';
  if (t.cancelled) { t.state = 'cancelled'; for (const m of batch) m.status = 'cancelled'; push('turn.failed', { error: { code: 'CANCELLED', message: 'the turn was cancelled' } }); emit('turn.cancelled', t.id, { turnId: t.id, agentId: a.id, conversationId: conv.id }); }
  else { t.state = 'succeeded'; for (const m of batch) m.status = 'completed'; const r = { id: id('msg_'), agentId: a.id, role: 'assistant', content: text, status: 'completed', channel: 'api', conversation_id: conv.id, reply_to_id: batch.at(-1).id, created_at: now() }; messages.push(r); conv.unreadCount += 1; conv.lastMessageAt = now(); conv.lastMessagePreview = text.slice(0, 80); t.reply = { id: r.id, role: 'assistant', content: text, status: 'completed', createdAt: r.created_at }; push('message.completed', { message: msgOut(r), usage: { input_tokens: 1, output_tokens: 1 } }); emit('message.completed', r.id, { messageId: r.id, conversationId: conv.id, agentId: a.id, turnId: t.id, role: 'assistant', preview: text }); emit('turn.succeeded', t.id, { turnId: t.id, agentId: a.id, conversationId: conv.id }); }
  kick(a, conv);
}
function kick(a, conv) {
  if (conv.running || a.status !== 'active') return;
  const batch = messages.filter((m) => m.conversation_id === conv.id && m.status === 'pending');
  if (batch.length) void runTurn(a, batch, conv);
}
function accept(a, b) {
  if (a.status === 'stopped') throw new Refuse(503, 'AGENT_UNAVAILABLE', 'the agent is stopped; activate it first');
  const cid = b.conversation_id ?? `conv_${a.id}`;
  let conv = convs.get(cid);
  if (!conv) convs.set(cid, (conv = { id: cid, agentId: a.id, channel: 'api', counterparty: { id: me.id, type: 'user', name: me.username }, unreadCount: 0, createdAt: now() }));
  const m = { id: id('msg_'), agentId: a.id, role: 'user', content: b.content, status: 'pending', channel: 'api', queue_mode: b.queue_mode ?? 'collect', conversation_id: cid, reply_to_id: null, created_at: now(), waiters: [] };
  messages.push(m); conv.lastMessageAt = now(); conv.lastMessagePreview = b.content.slice(0, 80);
  emit('message.received', m.id, { messageId: m.id, conversationId: cid, agentId: a.id, role: 'user', channel: 'api', preview: b.content.slice(0, 80) });
  if (b.queue_mode === 'interrupt' && conv.running) { conv.running.cancelled = true; conv.running.abort?.(); }
  setTimeout(() => kick(a, conv), 20);
  return m;
}
const convOut = ({ running, ...c }) => ({ ...c, messageCount: messages.filter((m) => m.conversation_id === c.id).length });
const turnOut = ({ log, subs, cancelled, abort, ...t }) => t;
const turnSum = (t) => { const { messages: _m, steps: _s, prompt: _p, reply: _r, ...rest } = turnOut(t); return rest; };

function stream(res, m, lastId, accepted) {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  const write = (e) => { res.write(`id: ${e.id}\nevent: ${e.event}\ndata: ${JSON.stringify(e.data)}\n\n`); if (/completed|failed/.test(e.event)) res.end(); };
  if (accepted) res.write(`id: 0\nevent: message.accepted\ndata: ${JSON.stringify(msgOut(m))}\n\n`);
  const go = (t) => { for (const e of t.log) if (e.id > lastId) write(e); t.subs.add(write); res.on('close', () => t.subs.delete(write)); };
  if (m.turn) go(m.turn); else (m.waiters ??= []).push(go);
}

async function api(req, res, url, body) {
  const p = url.pathname; const q = url.searchParams; const M = req.method;
  let g;
  const json = (status, v, h = {}) => { res.writeHead(status, { 'content-type': 'application/json', 'x-request-id': id('req_'), ...h }); res.end(v === undefined ? '' : JSON.stringify(v)); };
  if (p === '/api/auth/login') {
    const u = users.find((x) => x.username === body.username && x.password === body.password && !x.disabled);
    if (!u) return json(401, { error: 'Invalid username or password' });
    const s = id('s'); sessions.set(s, u); u.lastLoginAt = now(); me = u; emit('access.login', u.id, {});
    return json(200, { user: userOf(u) }, { 'set-cookie': `mc-session=${s}; HttpOnly; Path=/; SameSite=Lax` });
  }
  const s = /mc-session=([^;]+)/.exec(req.headers.cookie ?? '')?.[1];
  const bearer = (req.headers.authorization ?? '').slice(7);
  const u = sessions.get(s) ?? (keys.some((k) => k.secret === bearer) ? users[0] : undefined);
  if (!u) return json(401, p.startsWith('/v1/agent') ? hostErr({ code: 'UNAUTHORIZED', message: 'log in' }) : { error: 'Not logged in', statusCode: 401, message: 'not logged in' });
  me = u;
  if (p === '/api/auth/logout') { sessions.delete(s); return json(200, { success: true }); }
  if (p === '/api/auth/me') return json(200, { user: userOf(u) });
  const O = '/v1/orgs/default';
  if (p === `${O}/overview`) {
    const all = [...agents.values()]; const c = (f, names) => Object.fromEntries(names.map((n) => [n, all.filter((a) => a[f] === n).length]));
    const h0 = Math.floor(Date.now() / 3600000);
    return json(200, { agents: { total: all.length, lifecycle: c('status', ['active', 'paused', 'stopped', 'error']), presence: c('presence', ['online', 'idle', 'busy', 'offline', 'error']) }, turns: { running: [...turns.values()].filter((t) => t.state === 'running').length, queued: 0, failed24h: process.env.SEED ? 2 : 0 }, messagesPerHour: Array.from({ length: 24 }, (_, i) => ({ hour: new Date((h0 - 23 + i) * 3600000).toISOString(), received: process.env.SEED ? Math.round(20 + 18 * Math.sin(i / 3)) : i === 23 ? messages.length : 0, sent: process.env.SEED ? Math.round(18 + 17 * Math.sin(i / 3)) : 0 })), outputTokens24h: process.env.SEED ? 1284032 : 120 });
  }
  if (p === `${O}/agents`) {
    const size = 50; const at = Number(q.get('pageToken') ?? 0);
    let all = [...agents.values()].map(orgAgent).filter((a) => (!q.get('q') || (a.name + a.description).toLowerCase().includes(q.get('q').toLowerCase())) && (!q.get('lifecycle') || a.lifecycle === q.get('lifecycle')) && (!q.get('presence') || a.presence === q.get('presence')));
    if (q.get('sort') === 'name') all.sort((a, b) => a.name.localeCompare(b.name));
    return json(200, { data: all.slice(at, at + size), ...(all.length > at + size && { nextPageToken: String(at + size) }) });
  }
  if ((g = /^\/v1\/orgs\/default\/agents\/([^/]+)$/.exec(p))) { const a = agents.get(g[1]); if (!a) return json(404, orgErr({ status: 404, code: 'not_found', message: 'no such agent' })); return json(200, orgAgent(a)); }
  if (p === `${O}/conversations`) return json(200, { data: [...convs.values()].filter((c) => c.agentId === q.get('agent')).map(convOut).sort((a, b) => (a.lastMessageAt < b.lastMessageAt ? 1 : -1)) });
  if ((g = /^\/v1\/orgs\/default\/conversations\/([^/]+)\/_read$/.exec(p))) { const c = convs.get(g[1]); c.unreadCount = 0; return json(200, convOut(c)); }
  if (p === `${O}/turns`) return json(200, { data: [...turns.values()].filter((t) => (!q.get('agent') || t.agentId === q.get('agent')) && (!q.get('conversation') || t.conversationId === q.get('conversation')) && (!q.get('state') || t.state === q.get('state'))).map(turnSum).reverse() });
  if ((g = /^\/v1\/orgs\/default\/turns\/([^/]+)$/.exec(p))) { const t = turns.get(g[1]); return t ? json(200, turnOut(t)) : json(404, orgErr({ status: 404, code: 'not_found', message: 'no such turn' })); }
  if ((g = /^\/v1\/orgs\/default\/turns\/([^/]+)\/_cancel$/.exec(p))) { const t = turns.get(g[1]); t.cancelled = true; t.abort?.(); return json(200, turnSum(t)); }
  if (p === `${O}/events`) {
    const pass = (e) => (!q.get('type') || (q.get('type').endsWith('.') ? e.type.startsWith(q.get('type')) : e.type === q.get('type'))) && (!q.get('subject') || e.subject === q.get('subject'));
    if ((req.headers.accept ?? '').includes('event-stream')) {
      res.writeHead(200, { 'content-type': 'text/event-stream' }); res.write(': hi\n\n');
      const w = (e) => pass(e) && res.write(`id: ${e.seq}\ndata: ${JSON.stringify(e)}\n\n`);
      const after = Number(req.headers['last-event-id'] ?? q.get('after') ?? 0);
      if (after) events.filter((e) => e.seq > after).forEach(w);
      listeners.add(w); res.on('close', () => listeners.delete(w)); return;
    }
    let all = events.filter((e) => pass(e) && (!q.get('before') || e.seq < Number(q.get('before'))));
    if (q.get('order') === 'desc') all = all.reverse();
    return json(200, { data: all.slice(0, Number(q.get('limit') ?? 100)) });
  }
  if (p === `${O}/api-keys`) {
    if (M === 'GET') return json(200, { data: keys });
    if (body.name === 'bad') throw new Refuse(400, 'invalid', 'this name is not allowed', 'name');
    const k = { id: id('key_'), name: body.name, description: body.description, prefix: 'sk-any-api01-' + id('').slice(0, 4), role: body.role ?? 'operator', scopes: body.scopes ?? [], expiresAt: body.expiresAt ?? null, lastUsedAt: null, createdAt: now(), updatedAt: now() };
    keys.push(k); emit('key.created', k.id, { name: k.name }); k.secret = k.prefix + id(''); return json(201, { ...k, key: k.secret });
  }
  if ((g = /\/api-keys\/([^/]+)$/.exec(p))) { const k = keys.find((x) => x.id === g[1]); if (M === 'DELETE') { keys.splice(keys.indexOf(k), 1); emit('key.deleted', k.id, { name: k.name }); return json(204); } Object.assign(k, body); return json(200, k); }
  if (p === `${O}/users`) {
    if (M === 'GET') return json(200, { data: users.map(pub) });
    if (users.some((x) => x.username === body.username)) throw new Refuse(409, 'conflict', 'this username is taken', 'username');
    const n = { id: id('usr_'), displayName: null, ...body, disabled: false, createdAt: now(), updatedAt: now(), lastLoginAt: null }; users.push(n); emit('user.created', n.id, { name: n.username }); return json(201, pub(n));
  }
  if ((g = /\/users\/([^/]+)$/.exec(p))) { const k = users.find((x) => x.id === g[1]); if (M === 'DELETE') { if (k === u) throw new Refuse(409, 'conflict', 'you cannot delete yourself'); users.splice(users.indexOf(k), 1); return json(204); } Object.assign(k, body); return json(200, pub(k)); }
  if (p === '/v1/agent/create') return json(201, hosted(makeAgent(body)));
  if ((g = /^\/v1\/agent\/(update|delete)\/([^/]+)$/.exec(p))) {
    const a = agents.get(g[2]);
    if (g[1] === 'delete') { if ([...convs.values()].some((c) => c.agentId === a.id && c.running) && !body.force) throw new Refuse(409, 'CONFLICT', 'a turn is running; wait for it or pass force'); agents.delete(a.id); emit('agent.deleted', a.id, { name: a.name }); return json(200, { message: 'Agent deleted successfully' }); }
    if (body.name && body.name !== a.name && [...agents.values()].some((x) => x.name === body.name)) throw new Refuse(409, 'CONFLICT', 'this name is taken', 'name');
    const { configuration, ...rest } = body; for (const k of Object.keys(rest)) if (/key|token$/.test(k)) delete rest[k];
    Object.assign(a, rest); for (const [k, v] of Object.entries(configuration ?? {})) if (v === null) delete a.configuration[k]; else a.configuration[k] = v;
    a.version++; a.updated_at = now(); emit('agent.updated', a.id, {}); return json(200, hosted(a));
  }
  if ((g = /^\/v1\/agent\/([^/]+)(?:\/(.*))?$/.exec(p))) {
    const a = agents.get(g[1]); const rest = g[2] ?? '';
    if (!a) throw new Refuse(404, 'NOT_FOUND', 'no such agent');
    if (!rest) return json(200, hosted(a));
    if (rest === 'summary') return json(200, { uuid: a.id, output_token_balance: a.output_token_balance, total_output_tokens_used: 1000000 - a.output_token_balance, message_count: 0 });
    if (rest === 'ready') return json(200, { ready: false, status: a.status, pod_status: 'not_running', reason: 'no environment yet' });
    const set = (s, ev) => { a.status = s; a.presence = s === 'active' ? 'online' : 'offline'; emit('agent.' + ev, a.id, {}); for (const c of convs.values()) if (c.agentId === a.id) kick(a, c); json(200, { message: 'ok', status: s }); };
    if (rest === 'pause') return set('paused', 'paused');
    if (rest === 'resume') return set('active', 'resumed');
    if (rest === 'stop') return set('stopped', 'stopped');
    if (rest === 'status') return set(body.status, 'activated');
    if (rest === 'balance') { const prev = a.output_token_balance; a.output_token_balance = body.type === 'set' ? body.amount : prev + body.amount; emit('agent.balance_changed', a.id, {}); return json(200, { message: 'ok', new_balance: a.output_token_balance, previous_balance: prev }); }
    if (rest === 'messages' && M === 'GET') { let all = messages.filter((m) => m.agentId === a.id && m.conversation_id === q.get('conversation_id')); if (q.get('before')) all = all.slice(0, all.findIndex((m) => m.id === q.get('before'))); const n = Number(q.get('limit') ?? 50); return json(200, { messages: all.slice(-n).map(msgOut), has_more: all.length > n }); }
    if (rest === 'messages') { const m = accept(a, body); return (req.headers.accept ?? '').includes('event-stream') ? stream(res, m, 0, true) : json(201, msgOut(m)); }
    if ((g = /^messages\/([^/]+)\/stream$/.exec(rest))) { const m = messages.find((x) => x.id === g[1]); return m ? stream(res, m, Number(req.headers['last-event-id'] ?? 0)) : json(404, hostErr({ code: 'NOT_FOUND', message: 'no such message' })); }
  }
  json(404, { statusCode: 404, code: 'not_found', message: 'no such path' });
}

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const server = createServer(async (req, res) => {
  const url = new URL(req.url, 'http://x');
  if (url.pathname === '/') { res.writeHead(302, { location: '/ui/' }); return res.end(); }
  if (url.pathname.startsWith('/ui/')) {
    const name = url.pathname.slice(4) || 'index.html';
    const file = extname(name) ? name : 'index.html';
    try { const data = await readFile(join(dist, file)); res.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain', 'content-security-policy': CSP }); res.end(data); } catch { res.writeHead(404); res.end(); }
    return;
  }
  const chunks = []; for await (const c of req) chunks.push(c);
  const body = chunks.length ? JSON.parse(Buffer.concat(chunks).toString()) : {};
  try { await api(req, res, url, body); } catch (e) {
    if (!(e instanceof Refuse)) console.error(e);
    res.writeHead(e.status ?? 500, { 'content-type': 'application/json' }); res.end(JSON.stringify(url.pathname.startsWith('/v1/agent') ? hostErr(e) : orgErr({ status: e.status ?? 500, ...e, message: e.message })));
  }
});
if (process.env.SEED) {
  const d = ['Answers questions about invoices and dunning letters', 'Watches the nightly build and writes a summary', 'Sorts incoming mail', 'Keeps the glossary', 'Plans shifts', 'Reads sensor logs', null];
  const n = ['Ledger', 'Nightwatch', 'Sorting office', 'Glossary', 'Rota', 'Probe', 'Scribe', 'Harbour', 'Quartermaster', 'Courier', 'Signal', 'Almanac'];
  n.forEach((name, i) => { const a = makeAgent({ name, description: d[i % d.length], configuration: i % 3 ? {} : { model: 'anthropic/claude-sonnet' } }); if (i === 3) { a.status = 'paused'; a.presence = 'idle'; } if (i === 5) { a.status = 'stopped'; a.presence = 'offline'; } if (i === 8) { a.status = 'error'; a.presence = 'error'; } if (i === 4) a.presence = 'idle'; });
  for (let i = 0; i < 70; i++) makeAgent({ name: `Worker ${String(i + 1).padStart(2, '0')}` });
}
server.listen(Number(port), host, () => console.log(`muster ready on http://${host}:${server.address().port}`));
process.on('SIGTERM', () => process.exit(0));
