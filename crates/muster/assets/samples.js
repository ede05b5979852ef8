// Examples: values that fit a schema, and the call with curl.

import { resolve, shape, wordsOf } from './document.js';

/** A small value that fits a schema: what is required, else the first field. */
function sample(schema, name = '', depth = 0) {
  const { types, schema: flat } = shape(schema);
  if (flat.example !== undefined) return flat.example;
  if (flat.examples?.length > 0) return flat.examples[0];
  const words = wordsOf(flat);
  if (words?.length > 0) return words[0].value;
  if (flat.default !== undefined && flat.default !== null) return flat.default;
  const choices = flat.oneOf ?? flat.anyOf;
  if (choices && !flat.properties) return depth > 5 ? {} : sample(choices[0], name, depth + 1);
  switch (types[0]) {
    case 'object':
      return sampleObject(flat, depth);
    case 'array':
      return depth > 3 ? [] : [sample(flat.items, name, depth + 1)];
    case 'integer':
    case 'number':
      return flat.minimum ?? 1;
    case 'boolean':
      return true;
    case 'string':
      return sampleText(flat, name);
    default:
      return {};
  }
}

function sampleObject(flat, depth) {
  const names = Object.keys(flat.properties ?? {});
  if (depth > 3) return {};
  const required = names.filter((name) => flat.required?.includes(name));
  const shown = required.length > 0 ? required : names.slice(0, 1);
  return Object.fromEntries(shown.map((name) => [name, sample(flat.properties[name], name, depth + 1)]));
}

function sampleText(flat, name) {
  if (flat.format === 'date-time') return '2027-01-01T00:00:00Z';
  if (flat.format === 'date') return '2027-01-01';
  if (flat.format === 'uri' || flat.format === 'url' || name === 'url') return 'https://example.com/hook';
  return (
    { name: 'Ann', content: 'Hello!', path: 'notes.md', username: 'ann', password: 'a long password' }[name] ?? name
  );
}

export function curl(operation, streams) {
  const { method, path, raw } = operation;
  const filled = path.replace(/\{([^}]+)\}/g, (_, name) => `$${shellName(name)}`);
  const query = operation.parameters
    .filter((parameter) => parameter.in === 'query' && parameter.required)
    .map(
      (parameter) =>
        `${encodeURIComponent(parameter.name)}=${encodeURIComponent(sample(parameter.schema, parameter.name))}`,
    )
    .join('&');
  const parts = [streams ? 'curl -sN' : 'curl -s'];
  const content = raw.requestBody ? (resolve(raw.requestBody).content ?? {}) : {};
  const json = content['application/json'];
  const media = Object.keys(content)[0];
  if (json) {
    if (method !== 'post') parts.push(`-X ${method.toUpperCase()}`);
    parts.push(`--json '${JSON.stringify(sample(json.schema), null, 2).replaceAll("'", "'\\''")}'`);
  } else if (media) {
    if (method !== 'post') parts.push(`-X ${method.toUpperCase()}`);
    parts.push(`-H "Content-Type: ${media}"`, '--data-binary @file');
  } else if (method !== 'get') {
    parts.push(`-X ${method.toUpperCase()}`);
  }
  if (streams) parts.push('-H "Accept: text/event-stream"');
  if (!operation.isPublic) parts.push('-H "Authorization: Bearer $MUSTER_API_KEY"');
  parts.push(`"${location.origin}${filled}${query && `?${query}`}"`);
  return parts.join(' \\\n  ');
}

/** `messageId` as `MESSAGE_ID`. */
function shellName(name) {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]+/g, '_');
  return words.toUpperCase();
}
