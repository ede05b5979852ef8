// What the form of a new agent holds: that of every agent, what a template brings along, and where it is to run.
import type { Template } from '../../api/types';
import { EMPTY_DRAFT, type Draft } from '../agent/form/draft';
import { bundleOf } from '../templates/bundle';

/** Here Muster answers its messages; elsewhere, or in the gateway, a program of somebody's does. */
export type Place = 'here' | 'elsewhere' | 'gateway';

export interface NewDraft extends Draft {
  template: Template | null;
  place: Place;
  role: string;
  soul: string;
  /** Names of tools, one in a line. */
  allow: string;
  deny: string;
  cpu: string;
  memory: string;
}

/** What a template fills in, without one. */
const NO_TEMPLATE = {
  template: null,
  role: '',
  soul: '',
  model: '',
  allow: '',
  deny: '',
  cpu: '',
  memory: '',
  quota: '',
} satisfies Partial<NewDraft>;

export const EMPTY_NEW: NewDraft = { ...EMPTY_DRAFT, ...NO_TEMPLATE, place: 'here' };

/** The draft with all that the template has; what templates say nothing of stays. */
export function withTemplate(draft: NewDraft, template: Template): NewDraft {
  const { model, allow, deny, cpu, memory, quota } = bundleOf(template.config);
  const filled = { model, cpu, memory, quota, allow: allow.join('\n'), deny: deny.join('\n') };
  return { ...draft, ...filled, template, role: template.role, soul: template.soul_content };
}

export function withoutTemplate(draft: NewDraft): NewDraft {
  return { ...draft, ...NO_TEMPLATE };
}
