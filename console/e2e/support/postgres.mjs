// A database of its own on the PostgreSQL server that MUSTER_TEST_POSTGRES names (see scripts/with-postgres).
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const hasPostgres = Boolean(process.env.MUSTER_TEST_POSTGRES);

/** Makes a database, fills it by the statements, and says how to reach it. */
export async function makeDatabase(statements) {
  const server = new URL(process.env.MUSTER_TEST_POSTGRES);
  const database = `muster_e2e_${randomBytes(6).toString('hex')}`;
  await psql(server, `CREATE DATABASE ${database}`);
  const own = new URL(server);
  own.pathname = `/${database}`;
  await psql(own, statements);
  return {
    host: server.hostname,
    port: server.port || '5432',
    user: decodeURIComponent(server.username) || 'postgres',
    password: decodeURIComponent(server.password),
    database,
    drop: () => psql(server, `DROP DATABASE ${database} WITH (FORCE)`),
  };
}

function psql(url, statements) {
  return run('psql', ['-X', '-q', '-w', '-v', 'ON_ERROR_STOP=1', url.href, '-c', statements]);
}
