// Schemas for people: fields, types, limits, the words that are allowed.

import { nameOf, shape, wordsOf } from './document.js';
import { el, prose } from './elements.js';

export function typeText(schema) {
  const { types, name, schema: flat, nullable } = shape(schema);
  const or = nullable ? ' or null' : '';
  const words = wordsOf(flat);
  if (words) return `${words.every((word) => typeof word.value === 'string') ? 'one of' : 'value'}${or}`;
  if (types.includes('array')) return `array of ${typeText(flat.items)}${or}`;
  const choices = flat.oneOf ?? flat.anyOf;
  if (choices && !flat.properties) return `${choices.map(typeText).join(' or ')}${or}`;
  if (types.includes('object') && !flat.properties && flat.additionalProperties) {
    const value = flat.additionalProperties === true ? 'anything' : typeText(flat.additionalProperties);
    return `object of ${value}${or}`;
  }
  const base = types.join(' or ') || 'anything';
  const shown = name && types.includes('object') ? name : base;
  return `${shown}${flat.format && !types.includes('object') ? ` (${flat.format})` : ''}${or}`;
}

export function limitsOf(schema) {
  const { schema: flat } = shape(schema);
  const all = [];
  const range = (least, most, what) => {
    if (least !== undefined && most !== undefined) all.push(`${least} to ${most}${what}`);
    else if (least !== undefined) all.push(`at least ${least}${what}`);
    else if (most !== undefined) all.push(`at most ${most}${what}`);
  };
  range(flat.minLength, flat.maxLength, ' characters');
  range(flat.minimum, flat.maximum, '');
  if (flat.exclusiveMinimum !== undefined) all.push(`more than ${flat.exclusiveMinimum}`);
  if (flat.exclusiveMaximum !== undefined) all.push(`less than ${flat.exclusiveMaximum}`);
  range(flat.minItems, flat.maxItems, ' items');
  range(flat.minProperties, flat.maxProperties, ' fields');
  if (flat.multipleOf) all.push(`multiple of ${flat.multipleOf}`);
  if (flat.uniqueItems) all.push('no doubles');
  const chips = all.map((text) => el('span', { class: 'chip' }, text));
  if (flat.pattern) chips.push(el('span', { class: 'chip' }, 'pattern ', el('code', {}, flat.pattern)));
  if (flat.default !== undefined && flat.default !== null) {
    chips.push(el('span', { class: 'chip' }, 'default ', el('code', {}, JSON.stringify(flat.default))));
  }
  if (flat.readOnly) chips.push(el('span', { class: 'chip' }, 'read only'));
  if (flat.writeOnly) chips.push(el('span', { class: 'chip' }, 'never given back'));
  if (flat.deprecated) chips.push(el('span', { class: 'chip' }, 'deprecated'));
  return chips.length > 0 ? el('div', { class: 'limits' }, chips) : undefined;
}

export function wordList(schema) {
  const words = wordsOf(shape(schema).schema);
  if (!words) return undefined;
  if (words.some((word) => word.about)) {
    return el(
      'ul',
      { class: 'fields' },
      words.map((word) =>
        el('li', { class: 'field' }, el('code', {}, JSON.stringify(word.value)), ' ', el('span', { class: 'about' }, prose(word.about))),
      ),
    );
  }
  return el('div', { class: 'limits' }, words.map((word) => el('code', { class: 'chip' }, JSON.stringify(word.value))));
}

/** What a schema holds, when it is more than a plain value; made only when somebody looks, so cycles end by themselves. */
function inside(schema, depth) {
  const { types, name, schema: flat } = shape(schema);
  if (wordsOf(flat)) return undefined;
  if (flat.properties && Object.keys(flat.properties).length > 0) return () => fieldList(flat, depth);
  if (types.includes('array') && flat.items) return inside(flat.items, depth);
  if (flat.additionalProperties && typeof flat.additionalProperties === 'object') return inside(flat.additionalProperties, depth);
  const choices = flat.oneOf ?? flat.anyOf;
  if (choices?.some((choice) => inside(choice, depth))) return () => choiceList(choices, depth, name);
  return undefined;
}

function choiceList(choices, depth) {
  return el(
    'ul',
    { class: 'fields' },
    choices.map((choice, index) => {
      const { schema: flat } = shape(choice);
      return el(
        'li',
        { class: 'field' },
        el('span', { class: 'name' }, nameOf(choice) || `choice ${index + 1}`),
        el('span', { class: 'type' }, typeText(choice)),
        flat.description && el('p', { class: 'about' }, prose(flat.description)),
        folded(choice, depth),
      );
    }),
  );
}

function fieldList(flat, depth) {
  const required = new Set(flat.required ?? []);
  const entries = Object.entries(flat.properties);
  // What must be there is read first.
  entries.sort(([a], [b]) => Number(required.has(b)) - Number(required.has(a)));
  return el(
    'ul',
    { class: 'fields' },
    entries.map(([name, schema]) => field(name, schema, required.has(name), depth)),
  );
}

function field(name, schema, isRequired, depth) {
  const { schema: flat } = shape(schema);
  return el(
    'li',
    { class: 'field' },
    el('span', { class: flat.deprecated ? 'name gone' : 'name' }, name),
    el('span', { class: 'type' }, typeText(schema)),
    isRequired && el('span', { class: 'must' }, 'required'),
    flat.description && el('p', { class: 'about' }, prose(flat.description)),
    limitsOf(schema),
    wordList(schema) ?? wordList(shape(schema).schema.items),
    folded(schema, depth),
  );
}

/** The fields of a nested object: open near the top, folded further down. */
function folded(schema, depth) {
  const make = inside(schema, depth + 1);
  if (!make) return undefined;
  return lazy('fields', depth < 1, make);
}

/** Something that is built when it is first opened. */
export function lazy(title, isOpen, make, className) {
  const box = el('details', { class: className, open: isOpen }, el('summary', {}, title));
  let isMade = false;
  const fill = () => {
    if (isMade || !box.open) return;
    isMade = true;
    box.append(make());
  };
  fill();
  box.addEventListener('toggle', fill);
  return box;
}

export function schemaBox(schema) {
  const { schema: flat } = shape(schema);
  const name = nameOf(schema);
  const make = inside(schema, 0);
  return el(
    'div',
    { class: 'schema' },
    (!make || name || shape(schema).types.includes('array')) && el('div', { class: 'type' }, [name, typeText(schema)].filter((text, index, all) => text && all.indexOf(text) === index).join(': ')),
    flat.description && el('p', { class: 'about' }, prose(flat.description)),
    limitsOf(schema),
    wordList(schema),
    make?.(),
  );
}
