// The API's description for people: reads /openapi.json and shows one operation at a time, so that hundreds of them cost
// no more than one.

import { open, resolve } from './document.js';
import { el, prose } from './elements.js';
import { badge, operationView, pathView } from './operation.js';

const MAIN_TITLE = 'Muster API';

let api = {};
let operations = [];
let links = new Map();

function groupedOperations() {
  const groups = new Map();
  for (const operation of operations) {
    const topics = groups.get(operation.tag) ?? groups.set(operation.tag, new Map()).get(operation.tag);
    topics.set(operation.topic, [...(topics.get(operation.topic) ?? []), operation]);
  }
  return [...groups].map(([tag, topics]) => [tag, [...topics]]);
}

function hrefOf(id) {
  return `#${encodeURIComponent(id)}`;
}

function buildList() {
  const list = document.getElementById('list');
  links = new Map();
  for (const [tag, topics] of groupedOperations()) {
    const section = el('section', {}, el('h2', { class: 'tag' }, tag));
    for (const [topic, all] of topics) {
      const items = all.map((operation) => {
        const link = el(
          'a',
          { href: hrefOf(operation.id), title: `${operation.method.toUpperCase()} ${operation.path}` },
          badge(operation.method),
          el(
            'span',
            { class: operation.raw.deprecated ? 'gone' : undefined },
            prose(operation.raw.summary || operation.path),
          ),
        );
        const words = [
          operation.method,
          operation.path,
          operation.id,
          operation.raw.summary,
          operation.raw.description,
          operation.role,
          operation.scope,
        ];
        links.set(operation.id, { link, text: words.filter(Boolean).join(' ').toLowerCase() });
        return el('li', {}, link);
      });
      section.append(el('div', {}, topic && el('h3', { class: 'topic' }, topic), el('ul', {}, items)));
    }
    list.append(section);
  }
}

function filterList(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { link, text: known } of links.values()) {
    const fits = words.every((word) => known.includes(word));
    link.parentElement.hidden = !fits;
    shown += Number(fits);
  }
  const list = document.getElementById('list');
  for (const box of list.querySelectorAll('section > div, section')) {
    box.hidden = !box.querySelector('li:not([hidden])');
  }
  document.getElementById('count').textContent =
    words.length > 0 ? `${shown} of ${links.size} operations` : `${links.size} operations`;
}

function shownLinks() {
  return [...links.values()].map(({ link }) => link).filter((link) => link.offsetParent !== null);
}

function neighbours(operation) {
  const index = operations.indexOf(operation);
  const link = (target, before, after) =>
    target ? el('a', { href: hrefOf(target.id) }, before, prose(target.raw.summary || target.id), after) : el('span');
  return el(
    'nav',
    { class: 'turns', 'aria-label': 'Neighbours' },
    link(operations[index - 1], '← ', ''),
    link(operations[index + 1], '', ' →'),
  );
}

function overview() {
  const schemes = Object.entries(api.components?.securitySchemes ?? {});
  const groups = groupedOperations();
  return [
    el('h1', {}, `${api.info?.title ?? 'Muster'} API`),
    api.info?.description && el('p', {}, prose(api.info.description)),
    el(
      'p',
      {},
      `${operations.length} operations. `,
      el('kbd', {}, '/'),
      ' filters them, ',
      el('kbd', {}, '↑'),
      ' ',
      el('kbd', {}, '↓'),
      ' walk through the list, ',
      el('kbd', {}, 'Enter'),
      ' opens.',
    ),
    schemes.length > 0 && [
      el('h2', {}, 'Credentials'),
      el(
        'div',
        { class: 'schema' },
        el(
          'ul',
          { class: 'fields' },
          schemes.map(([name, scheme]) => schemeView(name, resolve(scheme))),
        ),
      ),
    ],
    groups.map(([tag, topics]) => [
      el('h2', {}, tag),
      aboutTag(tag),
      el(
        'div',
        { class: 'scroll' },
        el(
          'table',
          { class: 'index' },
          indexHead(),
          el(
            'tbody',
            {},
            topics.flatMap(([, all]) => all.map(indexRow)),
          ),
        ),
      ),
    ]),
  ];
}

function schemeView(name, scheme) {
  const how =
    scheme.type === 'http'
      ? `Authorization: ${scheme.scheme === 'bearer' ? 'Bearer' : scheme.scheme} …`
      : `${scheme.in} ${scheme.name ?? ''}`;
  return el(
    'li',
    { class: 'field' },
    el('span', { class: 'name' }, name),
    el('code', {}, how),
    scheme.description && el('p', { class: 'about' }, prose(scheme.description)),
  );
}

function aboutTag(name) {
  const about = (api.tags ?? []).find((tag) => tag.name === name)?.description;
  return about && el('p', { class: 'about' }, prose(about));
}

function indexHead() {
  const titles = ['Method', 'Path', 'Summary', 'Role', 'Scope'];
  return el(
    'thead',
    {},
    el(
      'tr',
      {},
      titles.map((title) => el('th', { scope: 'col' }, title)),
    ),
  );
}

function indexRow(operation) {
  return el(
    'tr',
    {},
    el('td', {}, badge(operation.method)),
    el('td', {}, el('a', { href: hrefOf(operation.id) }, pathView(operation.path))),
    el('td', {}, prose(operation.raw.summary)),
    el('td', {}, operation.role ?? (operation.isPublic ? 'public' : '')),
    el('td', {}, operation.scope && el('code', {}, operation.scope)),
  );
}

function show() {
  let id = location.hash.slice(1);
  try {
    id = decodeURIComponent(id);
  } catch {
    // A hash that somebody mistyped names no operation.
  }
  const operation = operations.find((candidate) => candidate.id === id);
  const main = document.getElementById('main');
  const missing =
    id && !operation
      ? el('p', {}, 'There is no operation ', el('code', {}, id), '; here are all that there are.')
      : undefined;
  const content = operation ? [operationView(operation), neighbours(operation)] : [missing, overview()];
  main.replaceChildren(el('article', {}, content));
  document.title = operation ? `${operation.method.toUpperCase()} ${operation.path} · ${MAIN_TITLE}` : MAIN_TITLE;
  for (const [known, { link }] of links) {
    if (known === operation?.id) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  closeMenu();
  window.scrollTo(0, 0);
  if (operation) links.get(operation.id).link.scrollIntoView({ block: 'nearest' });
}

function setMenu(isOpen) {
  document.getElementById('side').classList.toggle('open', isOpen);
  document.getElementById('menu').setAttribute('aria-expanded', String(isOpen));
}

function closeMenu() {
  setMenu(false);
}

function step(from, by) {
  const all = shownLinks();
  const index = all.indexOf(from);
  const filter = document.getElementById('filter');
  if (index + by < 0) filter.focus();
  else all[Math.min(index + by, all.length - 1)]?.focus();
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const filter = document.getElementById('filter');
  const { target } = event;
  if (event.key === '/' && !(target instanceof HTMLInputElement)) {
    event.preventDefault();
    setMenu(true);
    filter.focus();
    filter.select();
  } else if (event.key === 'Escape') {
    if (target === filter && filter.value !== '') {
      filter.value = '';
      filterList('');
    } else {
      closeMenu();
      if (target === filter) document.getElementById('main').focus();
    }
  } else if (
    (event.key === 'ArrowDown' || event.key === 'ArrowUp') &&
    (target === filter || target.closest?.('#list'))
  ) {
    event.preventDefault();
    step(target, event.key === 'ArrowDown' ? 1 : -1);
  } else if (event.key === 'Enter' && target === filter) {
    shownLinks()[0]?.click();
    document.getElementById('main').focus();
  }
}

async function start() {
  const main = document.getElementById('main');
  try {
    const response = await fetch('/openapi.json', { headers: { accept: 'application/json' } });
    if (!response.ok) throw new Error(`/openapi.json was answered with ${response.status}`);
    api = await response.json();
  } catch (error) {
    const again = el('button', { type: 'button', onclick: () => location.reload() }, 'Try again');
    main.replaceChildren(
      el('h1', {}, 'The description cannot be read'),
      el('p', {}, `${error.message}. Is the server still running?`),
      again,
    );
    return;
  }
  operations = open(api);
  document.getElementById('version').textContent = api.info?.version ? `version ${api.info.version}` : '';
  buildList();
  filterList('');
  const filter = document.getElementById('filter');
  filter.addEventListener('input', () => filterList(filter.value));
  document
    .getElementById('menu')
    .addEventListener('click', () => setMenu(!document.getElementById('side').classList.contains('open')));
  document.getElementById('list').addEventListener('click', (event) => {
    // The operation that is shown already changes no hash.
    if (event.target.closest('a')) closeMenu();
  });
  document.querySelector('.skip').addEventListener('click', (event) => {
    // The hash belongs to the operation.
    event.preventDefault();
    main.focus();
  });
  document.addEventListener('keydown', onKey);
  window.addEventListener('hashchange', show);
  show();
}

start();
