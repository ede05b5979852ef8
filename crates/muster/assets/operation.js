// One operation.

import { resolve, shape } from './document.js';
import { copyButton, el, example, prose } from './elements.js';
import { curl } from './samples.js';
import { lazy, limitsOf, schemaBox, typeText, wordList } from './schemas.js';

export function badge(method) {
  const known = ['get', 'post', 'put', 'patch', 'delete'].includes(method);
  return el(
    'span',
    { class: `method ${known ? method : 'other'}` },
    method === 'delete' ? 'DEL' : method.toUpperCase(),
  );
}

export function pathView(path) {
  const parts = path
    .split(/(\{[^}]+\})/)
    .map((part) => (part.startsWith('{') ? el('span', { class: 'param' }, part) : part));
  return el('span', { class: 'path' }, parts);
}

export function operationView(operation) {
  const { raw } = operation;
  const streams = Object.values(raw.responses ?? {}).some(
    (response) => resolve(response).content?.['text/event-stream'],
  );
  const answers = Object.values(raw.responses ?? {}).some(
    (response) => resolve(response).content?.['application/json'] && streams,
  );
  return [
    el('p', { class: 'crumbs' }, [operation.tag, operation.topic].filter(Boolean).join(' › ')),
    el('h1', { class: raw.deprecated ? 'gone' : undefined }, prose(raw.summary || operation.id)),
    el(
      'div',
      { class: 'endpoint' },
      badge(operation.method),
      pathView(operation.path),
      copyButton(operation.path, 'Copy path'),
    ),
    needs(operation, streams),
    raw.description && raw.description !== raw.summary && el('p', {}, prose(raw.description)),
    parameterTables(operation),
    bodyView(raw),
    responsesView(raw),
    el('h2', {}, 'Example'),
    example(curl(operation, streams && !answers), 'Example with curl'),
    streams &&
      answers && [
        el('h3', {}, 'The same as a stream of events'),
        example(curl(operation, true), 'Streaming example with curl'),
      ],
  ];
}

function needs(operation, streams) {
  const items = [];
  if (operation.isPublic) items.push(el('li', {}, 'public: needs no credential'));
  if (operation.role) items.push(el('li', {}, 'role ', el('strong', {}, operation.role), ' or higher'));
  if (operation.scope) items.push(el('li', {}, 'scope ', el('code', {}, operation.scope)));
  if (streams) items.push(el('li', {}, 'streams server-sent events'));
  if (operation.raw.deprecated) items.push(el('li', { class: 'warn' }, 'deprecated'));
  items.push(el('li', {}, el('code', {}, operation.id)));
  return el('ul', { class: 'needs', 'aria-label': 'What it needs' }, items);
}

const PLACES = [
  ['path', 'Path parameters'],
  ['query', 'Query parameters'],
  ['header', 'Headers'],
  ['cookie', 'Cookies'],
];

function parameterTables(operation) {
  return PLACES.map(([place, title]) => {
    const all = operation.parameters.filter((parameter) => parameter.in === place);
    if (all.length === 0) return undefined;
    const head = ['Name', 'Type', 'Meaning'].map((text) => el('th', { scope: 'col' }, text));
    const rows = all.map((parameter) =>
      el(
        'tr',
        {},
        el(
          'th',
          { scope: 'row' },
          el('span', { class: parameter.deprecated ? 'name gone' : 'name' }, parameter.name),
          parameter.required && el('span', { class: 'must' }, 'required'),
        ),
        el('td', {}, el('span', { class: 'type' }, typeText(parameter.schema))),
        el(
          'td',
          {},
          el('span', { class: 'about' }, prose(parameter.description ?? shape(parameter.schema).schema.description)),
          limitsOf(parameter.schema),
          wordList(parameter.schema),
        ),
      ),
    );
    return [
      el('h2', {}, title),
      el('div', { class: 'scroll' }, el('table', {}, el('thead', {}, el('tr', {}, head)), el('tbody', {}, rows))),
    ];
  });
}

function bodyView(raw) {
  if (!raw.requestBody) return undefined;
  const body = resolve(raw.requestBody);
  return [
    el('h2', {}, 'Request body', body.required ? el('span', { class: 'must' }, 'required') : ''),
    body.description && el('p', {}, prose(body.description)),
    contentView(body.content, false),
  ];
}

function contentView(content = {}, isAnswer) {
  return Object.entries(content).map(([media, { schema }]) => [
    el('h3', {}, el('code', {}, media)),
    schema && media !== 'text/event-stream' ? schemaBox(schema, isAnswer) : undefined,
  ]);
}

function responsesView(raw) {
  const all = Object.entries(raw.responses ?? {});
  if (all.length === 0) return undefined;
  const views = all.map(([status, reference]) => {
    const response = resolve(reference);
    const isFine = status.startsWith('2') || status.startsWith('1');
    const title = el(
      'span',
      {},
      el('span', { class: `status ${isFine ? 'fine' : 'wrong'}` }, status),
      ' ',
      el('span', { class: 'about' }, prose(response.description)),
    );
    const hasBody = Object.keys(response.content ?? {}).length > 0;
    if (!hasBody) return el('p', { class: 'response' }, title);
    return lazy(title, isFine, () => el('div', { class: 'body' }, contentView(response.content, true)), 'response');
  });
  return [el('h2', {}, 'Responses'), views];
}
