// Starts Slack and GitHub of `emulate` on free ports, fills them, and prints where they are as one line of JSON.
// Ends when its standard input does, so that it never outlives the test.
import { createServer } from 'node:net'
import { createEmulator } from 'emulate'

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

const TOKEN = 'test-token-of-the-bot'
const tokens = { [TOKEN]: { login: 'builder', scopes: ['repo', 'user'] } }

const slack = await createEmulator({
  service: 'slack',
  port: await freePort(),
  seed: {
    tokens,
    slack: {
      team: { name: 'Example', domain: 'example' },
      users: [{ name: 'builder', real_name: 'Builder', email: 'builder@example.com' }],
      channels: [{ name: 'general' }, { name: 'ops', topic: 'What breaks' }],
    },
  },
})
const github = await createEmulator({
  service: 'github',
  port: await freePort(),
  seed: {
    tokens,
    github: {
      users: [{ login: 'builder', name: 'Builder', email: 'builder@example.com' }],
      orgs: [{ login: 'example-org', name: 'Example', members: [{ login: 'builder', role: 'admin' }] }],
      repos: [
        { owner: 'builder', name: 'tools', auto_init: true },
        { owner: 'builder', name: 'notes', auto_init: true },
        { owner: 'example-org', name: 'shared', private: true, auto_init: true },
      ],
    },
  },
})

const call = async (url, body, method = 'POST') => {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
  const response = await fetch(url, { method, headers, body: body && JSON.stringify(body) })
  const answer = await response.json()
  if (!response.ok || answer.ok === false) throw new Error(`${url}: ${response.status} ${JSON.stringify(answer)}`)
  return answer
}

const list = await call(`${slack.url}/api/conversations.list`, { limit: 1000 })
const general = list.channels.find((channel) => channel.name === 'general').id
let first
for (let number = 1; number <= 7; number += 1) {
  const sent = await call(`${slack.url}/api/chat.postMessage`, { channel: general, text: `message ${number}` })
  first ??= sent.ts
}
await call(`${slack.url}/api/chat.postMessage`, { channel: general, text: 'a reply', thread_ts: first })

for (let number = 1; number <= 5; number += 1) {
  await call(`${github.url}/repos/builder/tools/issues`, { title: `issue ${number}`, body: 'it breaks' })
}
await call(`${github.url}/repos/builder/tools/issues/1`, { state: 'closed' }, 'PATCH')
await call(`${github.url}/repos/builder/tools/issues/2/comments`, { body: 'me too' })

console.log(JSON.stringify({ slack: `${slack.url}/api`, github: github.url, token: TOKEN, general, thread: first }))
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
