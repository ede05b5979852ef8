import { useId, useState, type ReactNode } from 'react';
import { Button } from '../Button';
import { TextArea, TextField } from '../Field';
import { Icon } from '../Icon';

interface SecretFieldProps {
  label: string;
  hint: ReactNode;
  error: string | undefined;
  isRequired: boolean;
  /** Whether there is one on the server, which nobody can read. */
  isStored: boolean;
  isLong: boolean;
  /** '' keeps what is stored, null forgets it. */
  value: string | null;
  onChange: (text: string | null) => void;
}

/** A secret goes in and never comes out again: of a stored one it is only shown that it is set. */
export function SecretField({ isStored, value, onChange, ...field }: SecretFieldProps) {
  const [isReplacing, setReplacing] = useState(false);
  if (!isStored || isReplacing || value) {
    const keep = () => (setReplacing(false), onChange(''));
    return <SecretInput {...field} value={value ?? ''} onChange={onChange} onKeep={isStored ? keep : undefined} />;
  }
  return (
    <StoredSecret
      {...field}
      isForgotten={value === null}
      onReplace={() => setReplacing(true)}
      onForget={() => onChange(null)}
      onKeep={() => onChange('')}
    />
  );
}

interface InputProps extends Omit<SecretFieldProps, 'isStored' | 'value'> {
  value: string;
  onKeep: (() => void) | undefined;
}

function SecretInput({ isLong, isRequired, value, onChange, onKeep, ...frame }: InputProps) {
  const shared = {
    ...frame,
    required: isRequired,
    autoFocus: onKeep !== undefined,
    autoComplete: 'new-password',
    spellCheck: false,
    value,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  };
  return (
    <>
      {isLong ? <TextArea {...shared} rows={5} className="input mono" /> : <TextField {...shared} type="password" />}
      {onKeep && (
        <button type="button" className="text-button" onClick={onKeep}>
          Keep the stored one
        </button>
      )}
    </>
  );
}

interface StoredProps {
  label: string;
  hint: ReactNode;
  error: string | undefined;
  isRequired: boolean;
  isForgotten: boolean;
  onReplace: () => void;
  onForget: () => void;
  onKeep: () => void;
}

function StoredSecret({ label, hint, error, isRequired, isForgotten, onReplace, onForget, onKeep }: StoredProps) {
  const id = useId();
  return (
    <div className="field" role="group" aria-labelledby={id}>
      <span id={id} className="field-label">
        {label}
      </span>
      <div className={`stored-secret ${isForgotten ? 'forgotten' : ''}`}>
        <Icon name={isForgotten ? 'trash' : 'lock'} />
        <span>{isForgotten ? 'Cleared when saved' : 'Set'}</span>
        {isForgotten && (
          <Button small onClick={onKeep}>
            Undo
          </Button>
        )}
        <Button small onClick={onReplace}>
          Replace
        </Button>
        {!isForgotten && !isRequired && (
          <Button small onClick={onForget}>
            Clear
          </Button>
        )}
      </div>
      {(error ?? hint) && <p className={error ? 'field-error' : 'field-hint'}>{error ?? hint}</p>}
    </div>
  );
}
