import type { EntryDraft } from '../text/entry';
import { Choice, TextArea, TextField } from './Field';

interface FieldsProps {
  draft: EntryDraft;
  set: (part: Partial<EntryDraft>) => void;
  errors: { name?: string | undefined; text?: string | undefined };
  label?: string;
  /** The name stays as it is. */
  isNameFixed?: boolean;
}

/** The name of a remembered value, and the value as text or JSON. */
export function EntryFields({ draft, set, errors, label = 'Name', isNameFixed }: FieldsProps) {
  return (
    <>
      {!isNameFixed && (
        <TextField
          label={label}
          required
          maxLength={256}
          autoComplete="off"
          spellCheck={false}
          value={draft.name}
          error={errors.name}
          onChange={(event) => set({ name: event.target.value })}
        />
      )}
      <Choice
        legend="The value is"
        value={draft.kind}
        onChange={(kind) => set({ kind })}
        options={[
          { value: 'text', label: 'Text' },
          { value: 'json', label: 'JSON' },
        ]}
      />
      <TextArea
        label="Value"
        rows={10}
        className={`input ${draft.kind === 'json' ? 'mono' : ''}`}
        value={draft.text}
        error={errors.text}
        onChange={(event) => set({ text: event.target.value })}
      />
    </>
  );
}
