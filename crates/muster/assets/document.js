// The OpenAPI document: its operations in the order in which they are shown, and its schemas with references followed.

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'options', 'head', 'trace'];

let api = {};

/** Takes a document and returns its operations. */
export function open(document) {
  api = document;
  return readOperations(document);
}

function readOperations(document) {
  const all = [];
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) {
      const operation = item[method];
      if (!operation) continue;
      const id = operation.operationId ?? `${method} ${path}`;
      const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(resolve);
      const tag = operation.tags?.[0] ?? 'other';
      all.push({ id, method, path, tag, topic: topicOf(id, tag), parameters, ...wanted(operation), raw: operation });
    }
  }
  const order = new Map((document.tags ?? []).map((tag, index) => [tag.name, index]));
  const place = (operation) => order.get(operation.tag) ?? order.size;
  // Stable: within a group the document's order, topic by topic as they first appear.
  const first = new Map();
  all.forEach((operation, index) => {
    const key = `${operation.tag} ${operation.topic}`;
    if (!first.has(key)) first.set(key, index);
  });
  const topic = (operation) => first.get(`${operation.tag} ${operation.topic}`);
  return all.sort((a, b) => place(a) - place(b) || topic(a) - topic(b));
}

/** What one has to be to call an operation. */
function wanted(operation) {
  const security = operation.security ?? api.security;
  const isPublic = security !== undefined && security.length === 0;
  return { isPublic, role: operation['x-muster-role'], scope: operation['x-muster-scope'] };
}

/** Ids are `surface.file.verb`; the file is the topic. */
function topicOf(id, tag) {
  const parts = id.split('.');
  return parts.length >= 3 && parts[0] === tag ? parts[1].replaceAll('_', ' ') : '';
}

export function resolve(schema) {
  const seen = new Set();
  let found = schema;
  while (found && typeof found === 'object' && typeof found.$ref === 'string') {
    const ref = found.$ref;
    if (!ref.startsWith('#/') || seen.has(ref)) return {};
    seen.add(ref);
    let target = api;
    for (const part of ref.slice(2).split('/')) {
      target = target?.[decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')];
    }
    const { $ref: _, ...beside } = found;
    found = target && typeof target === 'object' ? { ...target, ...beside } : target;
  }
  return found ?? {};
}

export function nameOf(schema) {
  return typeof schema?.$ref === 'string' ? schema.$ref.split('/').pop() : '';
}

/** A schema as it is shown: references followed, `or null` told apart, `allOf` put together. */
export function shape(schema) {
  if (schema === true || schema === undefined) return { types: [], name: '', schema: {}, nullable: false };
  if (schema === false) return { types: ['nothing'], name: '', schema: {}, nullable: false };
  let name = nameOf(schema);
  let flat = resolve(schema);
  if (flat === true || flat === false) return shape(flat);
  let nullable = false;
  const choices = flat.anyOf ?? flat.oneOf;
  if (Array.isArray(choices)) {
    const real = choices.filter((choice) => resolve(choice).type !== 'null');
    nullable = real.length < choices.length;
    if (real.length === 1) {
      const { anyOf, oneOf, ...beside } = flat;
      const only = shape(real[0]);
      name = only.name || name;
      flat = { ...only.schema, ...beside };
      nullable ||= only.nullable;
    } else if (nullable) {
      flat = { ...flat, [flat.anyOf ? 'anyOf' : 'oneOf']: real };
    }
  }
  if (Array.isArray(flat.allOf)) {
    const { allOf, ...rest } = flat;
    flat = allOf.map((part) => shape(part).schema).reduce(merged, rest);
  }
  let types = flat.type === undefined ? [] : [flat.type].flat();
  if (types.includes('null')) {
    nullable = true;
    types = types.filter((type) => type !== 'null');
  }
  if (flat.enum?.includes(null)) {
    nullable = true;
    flat = { ...flat, enum: flat.enum.filter((value) => value !== null) };
  }
  if (types.length === 0 && flat.properties) types = ['object'];
  return { types, name, schema: flat, nullable };
}

function merged(into, part) {
  return {
    ...part,
    ...into,
    properties: { ...part.properties, ...into.properties },
    required: [...(into.required ?? []), ...(part.required ?? [])],
  };
}

/** The words of `enum`, `const`, or of a choice of constants, each with what it means. */
export function wordsOf(schema) {
  if (schema.enum) return schema.enum.map((value) => ({ value }));
  if (schema.const !== undefined) return [{ value: schema.const }];
  const choices = schema.oneOf ?? schema.anyOf;
  if (!choices) return undefined;
  const words = [];
  for (const choice of choices) {
    const { schema: one } = shape(choice);
    if (one.const !== undefined) words.push({ value: one.const, about: one.description });
    else if (one.enum) words.push(...one.enum.map((value) => ({ value, about: one.description })));
    else return undefined;
  }
  return words;
}
