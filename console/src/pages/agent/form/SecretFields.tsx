import { TextField } from '../../../ui/Field';
import { SECRETS, SLACK_FIELDS, type Secret, type SecretField } from './draft';
import type { PartProps } from './parts';

/** Provider keys and channel tokens. They go in and never come out again. */
export function SecretFields({ draft, set, error, isNew }: PartProps & { isNew: boolean }) {
  const setSecret = (field: SecretField, change: Partial<Secret>) =>
    set({ secrets: { ...draft.secrets, [field]: { ...draft.secrets[field], ...change } } });
  return (
    <fieldset className="form-part columns">
      <legend>Keys and tokens</legend>
      <p className="field-hint wide">
        Kept encrypted and never shown again.{!isNew && ' Leave a field empty to keep what is stored.'}
      </p>
      {SECRETS.map(({ field, label }) => (
        <div key={field}>
          <SecretInput
            label={label}
            value={draft.secrets[field].text}
            disabled={draft.secrets[field].clear}
            error={error(field)}
            onChange={(text) => setSecret(field, { text })}
          />
          {!isNew && (
            <ClearBox
              what={label}
              checked={draft.secrets[field].clear}
              onChange={(clear) => setSecret(field, { clear })}
            />
          )}
        </div>
      ))}
      {SLACK_FIELDS.map(({ field, label }) => (
        <SecretInput
          key={field}
          label={label}
          value={draft.slack[field]}
          disabled={draft.clearSlack}
          error={error(`slack_bot_token.${field}`)}
          onChange={(text) => set({ slack: { ...draft.slack, [field]: text } })}
        />
      ))}
      {!isNew && (
        <ClearBox what="all Slack secrets" checked={draft.clearSlack} onChange={(clearSlack) => set({ clearSlack })} />
      )}
    </fieldset>
  );
}

interface SecretInputProps {
  label: string;
  value: string;
  disabled: boolean;
  error: string | undefined;
  onChange: (text: string) => void;
}

function SecretInput({ onChange, ...rest }: SecretInputProps) {
  return (
    <TextField
      type="password"
      autoComplete="new-password"
      {...rest}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function ClearBox({ what, checked, onChange }: { what: string; checked: boolean; onChange: (clear: boolean) => void }) {
  return (
    <label className="check small">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      Remove {what}
    </label>
  );
}
