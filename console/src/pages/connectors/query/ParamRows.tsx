import { Button, IconButton } from '../../../ui/Button';
import type { Param } from './useQueryDraft';

interface RowsProps {
  params: Param[];
  errors: Record<string, string>;
  onChange: (params: Param[]) => void;
}

/** Named values that go with the query. */
export function ParamRows({ params, errors, onChange }: RowsProps) {
  const change = (index: number, part: Partial<Param>) =>
    onChange(params.map((param, at) => (at === index ? { ...param, ...part } : param)));
  return (
    <fieldset className="params">
      <legend className="visually-hidden">Parameters</legend>
      {params.map((param, index) => (
        <Row
          // Rows have no identity but their place.
          key={index}
          param={param}
          error={errors[`params.${param.name.trim()}`]}
          onChange={(part) => change(index, part)}
          onRemove={() => onChange(params.filter((_, at) => at !== index))}
        />
      ))}
      <Button small icon="plus" onClick={() => onChange([...params, { name: '', text: '' }])}>
        Add parameter
      </Button>
      {errors['params'] && <p className="field-error">{errors['params']}</p>}
    </fieldset>
  );
}

interface RowProps {
  param: Param;
  error: string | undefined;
  onChange: (part: Partial<Param>) => void;
  onRemove: () => void;
}

function Row({ param, error, onChange, onRemove }: RowProps) {
  const shared = { className: 'input mono', spellCheck: false, autoComplete: 'off' };
  return (
    <div className="param">
      <input
        {...shared}
        aria-label="Parameter name"
        placeholder="name"
        autoFocus={!param.name && !param.text}
        value={param.name}
        onChange={(event) => onChange({ name: event.target.value })}
      />
      <input
        {...shared}
        aria-label={`Value of ${param.name || 'the parameter'}`}
        placeholder="text, or JSON such as 5, true or [1, 2]"
        aria-invalid={error ? true : undefined}
        value={param.text}
        onChange={(event) => onChange({ text: event.target.value })}
      />
      <IconButton icon="close" label={`Remove ${param.name || 'the parameter'}`} onClick={onRemove} />
      {error && <p className="field-error">{error}</p>}
    </div>
  );
}
