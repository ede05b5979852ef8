// What mission calls `config`, read as the fields of a form and written back, leaving alone what no field shows.
import type { JsonObject } from '../../api/types';
import { equal } from '../../text/merge';

export interface Bundle {
  model: string;
  /** Names of tools; none of them allowed means all are. */
  allow: string[];
  deny: string[];
  cpu: string;
  memory: string;
  quota: string;
}

export function bundleOf(config: JsonObject): Bundle {
  const { model, tools } = config;
  const sandbox = objectIn(config, 'sandbox');
  const resources = objectIn(sandbox, 'resources');
  return {
    model: isObject(model) ? text(model['primary']) : text(model),
    allow: Array.isArray(tools) ? names(tools) : names(objectIn(config, 'tools')['allow']),
    deny: names(objectIn(config, 'tools')['deny']),
    cpu: text(resources['cpu']),
    memory: text(resources['memory']),
    quota: text(sandbox['pvc_size']),
  };
}

/** The config with what the bundle says; the keys that it says nothing of stay. */
export function withBundle(config: JsonObject, bundle: Bundle): JsonObject {
  const before = bundleOf(config);
  const sandbox = objectIn(config, 'sandbox');
  const resources = filled({ ...objectIn(sandbox, 'resources'), cpu: bundle.cpu, memory: bundle.memory });
  const isAlike = (...parts: (keyof Bundle)[]) => parts.every((part) => equal(before[part], bundle[part]));
  return filled({
    ...config,
    model: isAlike('model') ? config['model'] : named(config['model'], bundle.model),
    tools: isAlike('allow', 'deny')
      ? config['tools']
      : filled({ ...objectIn(config, 'tools'), allow: bundle.allow, deny: bundle.deny }),
    sandbox: isAlike('cpu', 'memory', 'quota')
      ? config['sandbox']
      : filled({ ...sandbox, resources, pvc_size: bundle.quota }),
  });
}

/** A model that is an object has more to it than its name. */
function named(before: unknown, name: string): unknown {
  return isObject(before) ? filled({ ...before, primary: name }) : name;
}

/** Without what is empty. */
function filled(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => !isEmpty(each)));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

function objectIn(value: JsonObject, key: string): JsonObject {
  const found = value[key];
  return isObject(found) ? found : {};
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function names(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
