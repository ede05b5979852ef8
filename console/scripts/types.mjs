// Makes `src/api/schema.ts` out of the schemas in `docs/openapi.json`; with `--check` it only says whether they differ.
import { readFile, writeFile } from 'node:fs/promises';
import openapi, { astToString } from 'openapi-typescript';

const DESCRIPTION = new URL('../../docs/openapi.json', import.meta.url);
const TYPES = new URL('../src/api/schema.ts', import.meta.url);
const HEAD = '// Generated from docs/openapi.json by `npm run types`; not to be edited.\n\n';

const types = HEAD + (await generated());
if (process.argv.includes('--check')) await check();
else await writeFile(TYPES, types);

/** Only the schemas: the console writes its own URLs, and the operations would be ten times as long. */
async function generated() {
  const { openapi: version, info, components } = JSON.parse(await readFile(DESCRIPTION, 'utf8'));
  const { schemas } = components;
  const tree = await openapi(
    { openapi: version, info, paths: {}, components: { schemas } },
    { rootTypes: true, rootTypesNoSchemaPrefix: true, defaultNonNullable: false, silent: true },
  );
  return astToString(tree);
}

async function check() {
  const stored = await readFile(TYPES, 'utf8').catch(() => '');
  if (stored === types) return;
  console.error(
    'src/api/schema.ts is not what docs/openapi.json gives; run `npm run types` and look at the difference',
  );
  process.exitCode = 1;
}
