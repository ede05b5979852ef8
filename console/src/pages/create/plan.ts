// From the draft of a new agent to the calls that make it, so that everything in it takes effect.
import type { JsonObject } from '../../api/types';
import { changes } from '../../text/merge';
import { linesOf } from '../../ui/schema/schema';
import { creation } from '../agent/form/wire';
import { withBundle, type Bundle } from '../templates/bundle';
import type { NewDraft } from './draft';

/** One call makes the agent, the others tell what that call does not take. */
export interface Plan {
  /** For `POST /v1/agent/create`, or else for `POST /api/agents`, which knows roles, souls, templates and gateways. */
  make: { by: 'hosting' | 'mission'; body: JsonObject };
  /** For `POST /v1/agent/update/{id}`. */
  update: JsonObject;
  /** For `PUT /api/agents/{id}`. */
  card: JsonObject;
  /** What is wrong with the draft itself, by field. */
  problems: Record<string, string>;
}

export function planOf(draft: NewDraft): Plan {
  if (draft.place !== 'here') return planElsewhere(draft);
  const { body, problems } = creation(draft);
  // Entered without a model it would run elsewhere, and without a role it is not taken.
  if (!draft.role.trim() || !draft.model.trim()) {
    return { make: { by: 'hosting', body: withLists(body, draft) }, update: {}, card: cardOf(draft), problems };
  }
  // An agent that is hosted is there from the start.
  const entered = { ...entryOf(draft, bundleIn(draft)), status: 'online' };
  return { make: { by: 'mission', body: entered }, update: leftOf(body), card: {}, problems };
}

function planElsewhere(draft: NewDraft): Plan {
  const isInGateway = draft.place === 'gateway';
  const bundle = isInGateway ? bundleIn(draft) : { ...bundleIn(draft), model: '' };
  const body = { ...entryOf(draft, bundle), ...(isInGateway && { write_to_gateway: true }) };
  const description = draft.description.trim();
  const problems: Record<string, string> = draft.role.trim() ? {} : { role: 'This is required.' };
  return { make: { by: 'mission', body }, update: description ? { description } : {}, card: {}, problems };
}

/** The body that makes a hosted agent, with its tools and resources. */
function withLists(body: JsonObject, draft: NewDraft): JsonObject {
  const { allow, deny, cpu, memory } = bundleIn(draft);
  const configuration = {
    ...(body['configuration'] as JsonObject | undefined),
    ...section('tools', { allow, deny }),
    ...section('resources', { cpu, memory }),
  };
  return { ...body, ...section('configuration', configuration) };
}

/** What of that body is still to be told of an agent that was entered with role, soul and bundle. */
function leftOf({ name: _name, pvc_size: _quota, configuration, ...left }: JsonObject): JsonObject {
  const { model: _model, ...rest } = (configuration ?? {}) as JsonObject;
  return { ...left, ...section('configuration', rest) };
}

/** Names the template, and of role, soul and config what is not as in it. */
function entryOf(draft: NewDraft, bundle: Bundle): JsonObject {
  const { template } = draft;
  const config = template?.config ?? {};
  const changed = changes(config, withBundle(config, bundle));
  return {
    name: draft.name.trim(),
    role: draft.role.trim(),
    ...(template && { template: template.id }),
    ...(draft.soul !== (template?.soul_content ?? '') && { soul_content: draft.soul }),
    ...section('config', changed),
  };
}

function cardOf(draft: NewDraft): JsonObject {
  const role = draft.role.trim();
  return { ...(role && { role }), ...(draft.soul && { soul_content: draft.soul }) };
}

function bundleIn(draft: NewDraft): Bundle {
  return {
    model: draft.model.trim(),
    allow: linesOf(draft.allow),
    deny: linesOf(draft.deny),
    cpu: draft.cpu.trim(),
    memory: draft.memory.trim(),
    quota: draft.quota.trim(),
  };
}

/** The object under its key, without what is empty in it; nothing when nothing is left. */
function section(key: string, value: JsonObject): JsonObject {
  const entries = Object.entries(value).filter(
    ([, each]) => each !== '' && !(Array.isArray(each) && each.length === 0),
  );
  return entries.length > 0 ? { [key]: Object.fromEntries(entries) } : {};
}
