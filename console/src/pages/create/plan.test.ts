import { describe, expect, it } from 'vitest';
import type { Template } from '../../api/types';
import { EMPTY_NEW, withoutTemplate, withTemplate, type NewDraft } from './draft';
import { planOf } from './plan';

const DEVELOPER: Template = {
  id: 'developer',
  name: 'Developer',
  role: 'developer',
  description: 'Writes code.',
  soul_content: '# Developer',
  config: {
    model: { primary: 'anthropic/one' },
    tools: { allow: ['memory_*'] },
    sandbox: { pvc_size: '5Gi', resources: { cpu: '2', memory: '4Gi' } },
  },
};

const draft = (change: Partial<NewDraft>): NewDraft => ({ ...EMPTY_NEW, name: 'Ann', ...change });
const fromTemplate = (change: Partial<NewDraft> = {}): NewDraft => ({
  ...withTemplate(draft({}), DEVELOPER),
  ...change,
});

it('leaving a template out again leaves what else was typed', () => {
  const typed = draft({ description: 'Helps', systemPrompt: 'Be kind.', place: 'elsewhere' });
  expect(withoutTemplate(withTemplate(typed, DEVELOPER))).toEqual(typed);
});

describe('an agent that runs here', () => {
  it('is made in one call without anything of a template', () => {
    const plan = planOf(draft({ description: 'Helps', allow: 'a\n b ', cpu: '500m' }));
    const configuration = { tools: { allow: ['a', 'b'] }, resources: { cpu: '500m' } };
    const body = { name: 'Ann', description: 'Helps', configuration };
    expect(plan).toEqual({ make: { by: 'hosting', body }, update: {}, card: {}, problems: {} });
  });

  it('is made by the template when it was taken as it is', () => {
    const body = { name: 'Ann', role: 'developer', template: 'developer', status: 'online' };
    expect(planOf(fromTemplate())).toEqual({ make: { by: 'mission', body }, update: {}, card: {}, problems: {} });
  });

  it('tells what differs from the template, and what making it does not take', () => {
    const plan = planOf(
      fromTemplate({ role: 'lead', soul: 'Mine', model: 'openai/two', deny: 'memory_set', memory: '', balance: '5' }),
    );
    expect(plan.make.body).toMatchObject({
      role: 'lead',
      soul_content: 'Mine',
      config: {
        model: { primary: 'openai/two' },
        tools: { deny: ['memory_set'] },
        sandbox: { resources: { memory: null } },
      },
    });
    expect(plan.update).toEqual({ output_token_balance: 5 });
    const more = planOf(fromTemplate({ timeoutSeconds: '60', systemPrompt: 'Be kind.' })).update;
    expect(more).toMatchObject({ system_prompt: 'Be kind.', configuration: { timeout_seconds: 60 } });
  });

  it('keeps the default model when none is named, and still gets its role and soul', () => {
    const { make, card } = planOf(fromTemplate({ model: '' }));
    const resources = { cpu: '2', memory: '4Gi' };
    const body = { name: 'Ann', pvc_size: '5Gi', configuration: { tools: { allow: ['memory_*'] }, resources } };
    expect(make).toEqual({ by: 'hosting', body });
    expect(card).toEqual({ role: 'developer', soul_content: '# Developer' });
  });
});

describe('an agent that runs elsewhere', () => {
  it('has a role and no model', () => {
    expect(planOf(draft({ place: 'elsewhere' })).problems).toEqual({ role: 'This is required.' });
    const { make, update } = planOf(fromTemplate({ place: 'elsewhere', description: 'Far' }));
    const body = { name: 'Ann', role: 'developer', template: 'developer', config: { model: null } };
    expect(make).toEqual({ by: 'mission', body });
    expect(update).toEqual({ description: 'Far' });
  });

  it('is written to the gateway with its model', () => {
    const { make } = planOf(draft({ place: 'gateway', role: 'scribe', model: 'openai/two', soul: 'Write.' }));
    const config = { model: 'openai/two' };
    const body = { name: 'Ann', role: 'scribe', soul_content: 'Write.', config, write_to_gateway: true };
    expect(make).toEqual({ by: 'mission', body });
  });
});
