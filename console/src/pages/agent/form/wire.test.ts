import { describe, expect, it } from 'vitest';
import type { HostedAgent } from '../../../api/types';
import { draftOf, EMPTY_DRAFT } from './draft';
import { creation, update } from './wire';

const stored: HostedAgent = {
  id: 'agent-ann-00000000',
  name: 'Ann',
  description: 'Helps',
  status: 'active',
  created_at: '2026-11-22T00:00:00Z',
  updated_at: '2026-11-22T00:00:00Z',
  configuration: { model: 'offline', timeout_seconds: 60, custom_env: { A: '1' } },
  system_prompt: 'Be kind.',
  system_prompt_type: 'append',
  output_token_balance: 5,
  session_mode: 'persistent',
  warmth_window_ms: null,
  pvc_size: null,
  mcp_servers: [],
  filesystem_summary: { total_files: 0, total_size_mb: 0, last_modified: null },
};

describe('creating', () => {
  it('sends only what was filled in', () => {
    expect(creation({ ...EMPTY_DRAFT, name: ' Ann ' })).toEqual({ body: { name: 'Ann' }, problems: {} });
  });

  it('puts the model into the configuration', () => {
    const draft = {
      ...EMPTY_DRAFT,
      name: 'Ann',
      model: 'openai/x',
      configuration: '{"budget":{"usd":1}}',
      warmthMinutes: '5',
    };
    expect(creation(draft).body).toEqual({
      name: 'Ann',
      warmth_window_ms: 300_000,
      configuration: { budget: { usd: 1 }, model: 'openai/x' },
    });
  });

  it('says which field is wrong', () => {
    const { problems } = creation({ ...EMPTY_DRAFT, name: 'Ann', balance: 'many', configuration: '[]' });
    expect(Object.keys(problems)).toEqual(['output_token_balance', 'configuration']);
  });
});

describe('editing', () => {
  it('sends nothing when nothing was changed', () => {
    expect(update(stored, draftOf(stored)).body).toEqual({});
  });

  it('clears what was emptied', () => {
    const draft = { ...draftOf(stored), description: '', model: '', configuration: '' };
    expect(update(stored, draft).body).toEqual({ description: null, configuration: { model: null, custom_env: null } });
  });

  it('0 idle minutes means never, also when the stored value is not told', () => {
    expect(update(stored, { ...draftOf(stored), warmthMinutes: '0' }).body).toEqual({ warmth_window_ms: null });
  });

  it('replaces and removes secrets, and keeps the others', () => {
    const draft = draftOf(stored);
    draft.secrets = {
      ...draft.secrets,
      openai_api_key: { text: 'k', clear: false },
      telegram_bot_token: { text: '', clear: true },
    };
    expect(update(stored, draft).body).toEqual({ openai_api_key: 'k', telegram_bot_token: null });
  });
});
