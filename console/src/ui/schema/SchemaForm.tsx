import { SelectField, Switch, TextArea, TextField } from '../Field';
import { Ticks } from '../Ticks';
import { SecretField } from './SecretField';
import { whyAgain, type Field, type Schema, type SchemaDraft } from './schema';

interface SchemaFormProps {
  fields: Field[];
  draft: SchemaDraft;
  set: (change: SchemaDraft) => void;
  /** The secrets that are stored already. */
  kept: readonly string[];
  /** The setting because of which they have to be entered again. */
  moved: Field | undefined;
  error: (name: string) => string | undefined;
}

/** The fields that a JSON Schema describes, each as what suits it. */
export function SchemaForm({ fields, ...form }: SchemaFormProps) {
  return (
    <div className="columns schema-form">
      {fields.map((field) => (
        <div key={field.name} className={isWide(field) ? 'wide' : ''}>
          <SchemaField field={field} {...form} />
        </div>
      ))}
    </div>
  );
}

/** A key or certificate in PEM has many lines. */
function isPem({ pattern }: Schema): boolean {
  return pattern?.includes('BEGIN') ?? false;
}

function isWide({ kind, schema }: Field): boolean {
  if (kind === 'secret') return isPem(schema);
  return kind === 'long' || kind === 'json' || kind === 'list' || kind === 'switch' || (schema.maxLength ?? 0) > 1000;
}

function SchemaField({ field, draft, set, kept, moved, error }: Omit<SchemaFormProps, 'fields'> & { field: Field }) {
  const { name, kind, schema, isRequired } = field;
  const value = draft[name] ?? '';
  const onText = (event: { target: { value: string } }) => set({ [name]: event.target.value });
  const again = moved && kept.includes(name) && draft[name] !== null ? whyAgain(moved, isRequired) : undefined;
  const shared = {
    label: isRequired || again || kind === 'switch' || kind === 'choice' ? field.title : `${field.title} (optional)`,
    hint: schema.description && <Ticks text={schema.description} />,
    error: error(name),
  };
  const typed = { ...shared, required: isRequired, value, placeholder: placeholderOf(field), onChange: onText };
  switch (kind) {
    case 'secret':
      return (
        <SecretField
          {...shared}
          isLong={isPem(schema)}
          isRequired={isRequired}
          isStored={kept.includes(name)}
          whyAgain={again}
          value={draft[name] ?? null}
          onChange={(text) => set({ [name]: text })}
        />
      );
    case 'switch':
      return <Switch {...shared} checked={value === 'true'} onChange={(on) => set({ [name]: String(on) })} />;
    case 'choice':
      return (
        <SelectField {...shared} value={value} onChange={onText}>
          {schema.default === undefined && <option value="">Not set</option>}
          {schema.enum?.map((each) => (
            <option key={String(each)}>{String(each)}</option>
          ))}
        </SelectField>
      );
    case 'list':
      return (
        <TextArea
          {...typed}
          rows={3}
          spellCheck={false}
          hint={<Ticks text={`${schema.description ?? ''} One in a line.`} />}
        />
      );
    case 'long':
    case 'json':
      return <TextArea {...typed} rows={5} className="input mono" spellCheck={false} />;
    case 'number':
      return <TextField {...typed} inputMode="numeric" autoComplete="off" />;
    case 'text':
      return <TextField {...typed} autoComplete="off" spellCheck={false} />;
  }
}

/** What holds when the field is left empty, or what it may look like. */
function placeholderOf({ schema }: Field): string {
  const shown = schema.default ?? schema.examples?.[0];
  if (shown === undefined || shown === null) return '';
  return typeof shown === 'string' ? shown : JSON.stringify(shown);
}
