// Schemas for people: fields, types, limits, the words that are allowed.

import { nameOf, shape, wordsOf } from './document.js';
import { el, prose } from './elements.js';

export function typeText(schema, hops = 0) {
  // A type that goes through itself has a name by then.
  if (hops > 3) return nameOf(schema) || 'anything';
  const { types, name, schema: flat, nullable } = shape(schema);
  const or = nullable ? ' or null' : '';
  const words = wordsOf(flat);
  if (words) return `${words.every((word) => typeof word.value === 'string') ? 'one of' : 'value'}${or}`;
  if (types.includes('array')) return `array of ${typeText(flat.items, hops + 1)}${or}`;
  const choices = flat.oneOf ?? flat.anyOf;
  if (choices && !flat.properties) return `${choices.map((choice) => typeText(choice, hops + 1)).join(' or ')}${or}`;
  if (types.includes('object') && !flat.properties && flat.additionalProperties) {
    const value = flat.additionalProperties === true ? 'anything' : typeText(flat.additionalProperties, hops + 1);
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
        el(
          'li',
          { class: 'field' },
          el('code', {}, JSON.stringify(word.value)),
          ' ',
          el('span', { class: 'about' }, prose(word.about)),
        ),
      ),
    );
  }
  return el(
    'div',
    { class: 'limits' },
    words.map((word) => el('code', { class: 'chip' }, JSON.stringify(word.value))),
  );
}

/**
 * What a schema holds, when it is more than a plain value; made only when somebody looks, so cycles end by themselves.
 * `at` says how deep we are and whether it is an answer, in which what is always there needs no word.
 */
function inside(schema, at, hops = 0) {
  if (hops > 6) return undefined;
  const { types, schema: flat } = shape(schema);
  if (wordsOf(flat)) return undefined;
  if (flat.properties && Object.keys(flat.properties).length > 0) return () => fieldList(flat, at);
  if (types.includes('array') && flat.items) return inside(flat.items, at, hops + 1);
  if (flat.additionalProperties && typeof flat.additionalProperties === 'object')
    return inside(flat.additionalProperties, at, hops + 1);
  const choices = flat.oneOf ?? flat.anyOf;
  if (choices?.some((choice) => inside(choice, at, hops + 1))) return () => choiceList(choices, at);
  return undefined;
}

function choiceList(choices, at) {
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
        folded(choice, at),
      );
    }),
  );
}

function fieldList(flat, at) {
  const required = new Set(flat.required ?? []);
  const entries = Object.entries(flat.properties);
  // What must be there is read first.
  entries.sort(([a], [b]) => Number(required.has(b)) - Number(required.has(a)));
  return el(
    'ul',
    { class: 'fields' },
    entries.map(([name, schema]) => field(name, schema, required.has(name), at)),
  );
}

function field(name, schema, isRequired, at) {
  const { schema: flat } = shape(schema);
  return el(
    'li',
    { class: 'field' },
    el('span', { class: flat.deprecated ? 'name gone' : 'name' }, name),
    el('span', { class: 'type' }, typeText(schema)),
    !at.isAnswer && isRequired && el('span', { class: 'must' }, 'required'),
    at.isAnswer && !isRequired && el('span', { class: 'may' }, 'may be absent'),
    flat.description && el('p', { class: 'about' }, prose(flat.description)),
    limitsOf(schema),
    wordList(schema) ?? wordList(shape(schema).schema.items),
    folded(schema, at),
  );
}

/** The fields of a nested object: open near the top, folded further down. */
function folded(schema, at) {
  const make = inside(schema, { ...at, depth: at.depth + 1 });
  if (!make) return undefined;
  return lazy('fields', at.depth < 1, make);
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

export function schemaBox(schema, isAnswer) {
  const { schema: flat } = shape(schema);
  const name = nameOf(schema);
  const make = inside(schema, { depth: 0, isAnswer });
  return el(
    'div',
    { class: 'schema' },
    (!make || name || shape(schema).types.includes('array')) &&
      el(
        'div',
        { class: 'type' },
        [name, typeText(schema)].filter((text, index, all) => text && all.indexOf(text) === index).join(': '),
      ),
    flat.description && el('p', { class: 'about' }, prose(flat.description)),
    limitsOf(schema),
    wordList(schema),
    make?.(),
  );
}
