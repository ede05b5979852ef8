// The parts of the form that only a new agent has.
import { Button } from '../../ui/Button';
import { Choice, TextArea, TextField } from '../../ui/Field';
import type { NewDraft, Place } from './draft';

export interface NewPartProps {
  draft: NewDraft;
  set: (change: Partial<NewDraft>) => void;
  error: (field: string) => string | undefined;
}

const PLACES: { value: Place; label: string; hint: string }[] = [
  { value: 'here', label: 'Here', hint: 'Muster answers its messages with a model.' },
  {
    value: 'elsewhere',
    label: 'Elsewhere',
    hint: 'A program of yours runs it: its messages wait until that asks for them.',
  },
  {
    value: 'gateway',
    label: 'In the gateway',
    hint: 'It is written to the gateway’s file, too, and the gateway runs it.',
  },
];

/** What the form was filled in from, and the way to fill it in from something else. */
export function TemplatePart({ draft, onPick, onClear }: { draft: NewDraft; onPick: () => void; onClear: () => void }) {
  const { template } = draft;
  return (
    <section className="form-part template-bar">
      <p>
        {template ? (
          <>
            From the template <b>{template.name}</b>: role, soul, model, tools and sandbox are filled in. Change what
            you like.
          </>
        ) : (
          'A template fills in role, soul, model, tools and sandbox.'
        )}
      </p>
      <span className="card-actions">
        {template && <Button onClick={onClear}>No template</Button>}
        <Button onClick={onPick}>{template ? 'Another template' : 'Start from a template'}</Button>
      </span>
    </section>
  );
}

export function PlacePart({ draft, set, hasGateway }: Omit<NewPartProps, 'error'> & { hasGateway: boolean }) {
  return (
    <section className="form-part">
      <Choice
        legend="Where it runs"
        value={draft.place}
        onChange={(place) => set({ place })}
        options={PLACES.filter(({ value }) => value !== 'gateway' || hasGateway)}
      />
    </section>
  );
}

export function RolePart({ draft, set, error }: NewPartProps) {
  return (
    <TextField
      label={draft.place === 'here' ? 'Role (optional)' : 'Role'}
      required={draft.place !== 'here'}
      maxLength={100}
      autoComplete="off"
      placeholder="developer"
      hint="What it does in the team; others see it."
      value={draft.role}
      error={error('role')}
      onChange={(event) => set({ role: event.target.value })}
    />
  );
}

export function SoulPart({ draft, set, error }: NewPartProps) {
  return (
    <TextArea
      label="Soul (optional)"
      rows={7}
      placeholder="You are…"
      hint="Voice, character and rules. Each turn begins with it, and each change of it makes a version."
      value={draft.soul}
      error={error('soul_content')}
      onChange={(event) => set({ soul: event.target.value })}
    />
  );
}

export function ToolsPart({ draft, set, error }: NewPartProps) {
  return (
    <section className="form-part columns">
      <TextArea
        label="Tools (optional)"
        rows={4}
        className="input mono"
        spellCheck={false}
        hint="Only these, one in a line; memory_* is all that begin with memory_. Empty means all."
        value={draft.allow}
        error={error('configuration.tools')}
        onChange={(event) => set({ allow: event.target.value })}
      />
      <TextArea
        label="Never these tools (optional)"
        rows={4}
        className="input mono"
        spellCheck={false}
        value={draft.deny}
        onChange={(event) => set({ deny: event.target.value })}
      />
    </section>
  );
}

/** What its environment may use; the quota of its workspace is with what every agent has. */
export function ResourcesPart({ draft, set, error }: NewPartProps) {
  return (
    <section className="form-part columns">
      <TextField
        label="CPU"
        placeholder="500m"
        spellCheck={false}
        value={draft.cpu}
        error={error('configuration.resources.cpu')}
        onChange={(event) => set({ cpu: event.target.value })}
      />
      <TextField
        label="Memory"
        placeholder="512Mi"
        spellCheck={false}
        value={draft.memory}
        error={error('configuration.resources.memory')}
        onChange={(event) => set({ memory: event.target.value })}
      />
    </section>
  );
}
