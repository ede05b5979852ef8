import {
  useId,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from 'react';

interface Frame {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
}

interface Wiring {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

function Framed({ label, hint, error, children }: Frame & { children: (wiring: Wiring) => ReactNode }) {
  const id = useId();
  const wiring: Wiring = {
    id,
    'aria-describedby': error || hint ? `${id}-note` : undefined,
    'aria-invalid': error ? true : undefined,
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(wiring)}
      {error ? (
        <p className="field-error" id={`${id}-note`}>
          {error}
        </p>
      ) : (
        hint && (
          <p className="field-hint" id={`${id}-note`}>
            {hint}
          </p>
        )
      )}
    </div>
  );
}

export function TextField({ label, hint, error, ...rest }: Frame & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <Framed label={label} hint={hint} error={error}>
      {(wiring) => <input className="input" type="text" {...rest} {...wiring} />}
    </Framed>
  );
}

export function TextArea({ label, hint, error, ...rest }: Frame & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return (
    <Framed label={label} hint={hint} error={error}>
      {(wiring) => <textarea className="input" rows={4} {...rest} {...wiring} />}
    </Framed>
  );
}

export function SelectField({ label, hint, error, ...rest }: Frame & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <Framed label={label} hint={hint} error={error}>
      {(wiring) => <select className="input" {...rest} {...wiring} />}
    </Framed>
  );
}

interface SwitchProps extends Frame {
  checked: boolean;
  disabled?: boolean;
  onChange: (on: boolean) => void;
}

/** On or off, at once to be seen. */
export function Switch({ label, hint, error, checked, disabled, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className="switch-field">
      <label className="switch">
        <input
          type="checkbox"
          role="switch"
          aria-describedby={error || hint ? `${id}-note` : undefined}
          checked={checked}
          disabled={disabled}
          onChange={(event) => onChange(event.target.checked)}
        />
        <span>{label}</span>
      </label>
      {(error ?? hint) && (
        <p className={error ? 'field-error' : 'field-hint'} id={`${id}-note`}>
          {error ?? hint}
        </p>
      )}
    </div>
  );
}

interface ChoiceProps<T extends string> {
  legend: string;
  value: T;
  options: { value: T; label: string; hint?: string }[];
  onChange: (value: T) => void;
  compact?: boolean;
}

/** A few exclusive options side by side, as radio buttons underneath. */
export function Choice<T extends string>({ legend, value, options, onChange, compact }: ChoiceProps<T>) {
  const name = useId();
  const chosen = options.find((option) => option.value === value);
  return (
    <fieldset className={`choice ${compact ? 'compact' : ''}`}>
      <legend>{legend}</legend>
      <div className="choice-options">
        {options.map((option) => (
          <label key={option.value}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
      {!compact && chosen?.hint && <p className="field-hint">{chosen.hint}</p>}
    </fieldset>
  );
}
