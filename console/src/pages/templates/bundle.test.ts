import { expect, it } from 'vitest';
import { changes } from '../../text/merge';
import { bundleOf, withBundle } from './bundle';

const CONFIG = {
  model: { primary: 'anthropic/one', fallbacks: ['openai/two'] },
  tools: { allow: ['memory_*', 'current_time'], profile: 'coding' },
  sandbox: { mode: 'all', pvc_size: '5Gi', resources: { cpu: '2', memory: '4Gi' } },
  heartbeat: { every: '30m' },
};

it('a config is read as fields, in either of its forms', () => {
  expect(bundleOf(CONFIG)).toEqual({
    model: 'anthropic/one',
    allow: ['memory_*', 'current_time'],
    deny: [],
    cpu: '2',
    memory: '4Gi',
    quota: '5Gi',
  });
  expect(bundleOf({ model: 'openai/two', tools: ['bash'] })).toMatchObject({ model: 'openai/two', allow: ['bash'] });
  expect(bundleOf({})).toEqual({ model: '', allow: [], deny: [], cpu: '', memory: '', quota: '' });
});

it('what was not changed is written back as it was', () => {
  expect(withBundle(CONFIG, bundleOf(CONFIG))).toEqual(CONFIG);
  expect(withBundle({}, bundleOf({}))).toEqual({});
});

it('a change touches nothing else', () => {
  const bundle = { ...bundleOf(CONFIG), model: 'openai/three', allow: ['bash'], cpu: '', quota: '1Gi' };
  const changed = withBundle(CONFIG, bundle);
  expect(bundleOf(changed)).toEqual(bundle);
  expect(changes(CONFIG, changed)).toEqual({
    model: { primary: 'openai/three' },
    tools: { allow: ['bash'] },
    sandbox: { pvc_size: '1Gi', resources: { cpu: null } },
  });
  expect(changes(CONFIG, withBundle(CONFIG, { ...bundleOf(CONFIG), model: '' }))).toEqual({ model: { primary: null } });
});
