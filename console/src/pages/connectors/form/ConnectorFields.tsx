import type { ConnectorType } from '../../../api/types';
import { TextField } from '../../../ui/Field';
import { SchemaForm } from '../../../ui/schema/SchemaForm';
import type { useConnectorDraft } from './useConnectorDraft';

interface FieldsProps {
  form: ReturnType<typeof useConnectorDraft>;
  type: ConnectorType;
  kept?: readonly string[];
  error: (field: string) => string | undefined;
}

/** Name and description, and what the type's schema asks for. */
export function ConnectorFields({ form, type, kept = [], error }: FieldsProps) {
  const { draft, set, setSettings, fields, moved } = form;
  return (
    <>
      <section className="form-part">
        <TextField
          label="Name"
          required
          maxLength={100}
          autoComplete="off"
          autoFocus={!draft.name}
          value={draft.name}
          error={error('name')}
          onChange={(event) => set({ name: event.target.value })}
        />
        <TextField
          label="Description (optional)"
          maxLength={500}
          hint="For people and agents: what is in there, and when to ask it."
          value={draft.description}
          error={error('description')}
          onChange={(event) => set({ description: event.target.value })}
        />
      </section>
      <fieldset className="form-part">
        <legend>{type.title}</legend>
        <SchemaForm
          fields={fields}
          draft={draft.settings}
          set={setSettings}
          kept={kept}
          moved={moved}
          error={(name) => error(`settings.${name}`)}
        />
      </fieldset>
    </>
  );
}
