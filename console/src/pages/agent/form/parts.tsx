// The parts of the agent form that creating and editing share.
import { Choice, SelectField, TextArea, TextField } from '../../../ui/Field';
import type { Draft } from './draft';
import { SecretFields } from './SecretFields';

export interface PartProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  error: (field: string) => string | undefined;
}

export function BasicsPart({ draft, set, error, isNew = false }: PartProps & { isNew?: boolean }) {
  return (
    <>
      <TextField
        label="Name"
        required
        autoFocus={isNew}
        maxLength={100}
        autoComplete="off"
        value={draft.name}
        error={error('name')}
        onChange={(event) => set({ name: event.target.value })}
      />
      <TextField
        label="Description"
        maxLength={500}
        hint="For people: what this agent is for."
        value={draft.description}
        error={error('description')}
        onChange={(event) => set({ description: event.target.value })}
      />
    </>
  );
}

export function PromptPart({ draft, set, error }: PartProps) {
  return (
    <>
      <TextArea
        label="System prompt"
        rows={7}
        hint="For the agent: who it is, what it does and how it answers."
        value={draft.systemPrompt}
        error={error('system_prompt')}
        onChange={(event) => set({ systemPrompt: event.target.value })}
      />
      <Choice
        legend="This prompt"
        value={draft.systemPromptType}
        onChange={(systemPromptType) => set({ systemPromptType })}
        options={[
          {
            value: 'append',
            label: 'Adds to the built-in one',
            hint: 'The built-in prompt explains tools and memory; yours comes after it.',
          },
          {
            value: 'replace',
            label: 'Replaces it',
            hint: 'Only your prompt is sent; explain tools and memory yourself.',
          },
        ]}
      />
    </>
  );
}

interface ModelProps extends PartProps {
  isNew?: boolean;
  hint: string;
}

/** What naming a model does, or naming none, to an agent that joined this way. */
export function hintOfModel(source: string): string {
  if (source === 'hosted') return 'Empty means the server’s default model.';
  if (source === 'api') return 'With a model it runs here; without one it runs elsewhere.';
  return 'It runs elsewhere, whatever is named here.';
}

export function ModelPart({ draft, set, error, isNew = true, hint }: ModelProps) {
  return (
    <section className="form-part columns">
      <TextField
        label="Model"
        placeholder="provider/model"
        spellCheck={false}
        autoComplete="off"
        hint={hint}
        value={draft.model}
        error={error('configuration.model')}
        onChange={(event) => set({ model: event.target.value })}
      />
      {isNew && (
        <TextField
          label="Output token balance"
          inputMode="numeric"
          placeholder="1000000"
          hint="How much the agent may write before it is topped up."
          value={draft.balance}
          error={error('output_token_balance')}
          onChange={(event) => set({ balance: event.target.value })}
        />
      )}
    </section>
  );
}

export function AdvancedPart({ draft, set, error, isNew }: PartProps & { isNew: boolean }) {
  return (
    <>
      <section className="form-part columns">
        <TextField
          label="Turn timeout in seconds"
          inputMode="numeric"
          placeholder="3600"
          value={draft.timeoutSeconds}
          error={error('configuration.timeout_seconds')}
          onChange={(event) => set({ timeoutSeconds: event.target.value })}
        />
        <SelectField
          label="Session mode"
          value={draft.sessionMode}
          error={error('session_mode')}
          onChange={(event) => set({ sessionMode: event.target.value as Draft['sessionMode'] })}
        >
          {isNew && <option value="">Server default</option>}
          <option value="persistent">Persistent</option>
          <option value="ephemeral">Ephemeral</option>
        </SelectField>
        <TextField
          label="Sleep after idle minutes"
          inputMode="numeric"
          placeholder="never"
          hint="5 or more; 0 is never. The next message wakes it."
          value={draft.warmthMinutes}
          error={error('warmth_window_ms')}
          onChange={(event) => set({ warmthMinutes: event.target.value })}
        />
        <TextField
          label="Workspace quota"
          placeholder="1Gi"
          spellCheck={false}
          value={draft.quota}
          error={error('pvc_size')}
          onChange={(event) => set({ quota: event.target.value })}
        />
      </section>
      <SecretFields draft={draft} set={set} error={error} isNew={isNew} />
      <section className="form-part">
        <TextArea
          label="More configuration as JSON"
          rows={8}
          className="input mono"
          spellCheck={false}
          placeholder={
            '{\n  "compaction": { "enabled": true },\n  "webhooks": { "message_complete": "https://example.com/hook" }\n}'
          }
          hint="webhooks, compaction, memory_config, mcp_servers, custom_env, resources, budget, unread_reminder_interval_ms"
          value={draft.configuration}
          error={error('configuration')}
          onChange={(event) => set({ configuration: event.target.value })}
        />
      </section>
    </>
  );
}
