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
  /** Why what is stored can neither be kept nor is cleared. */
  whyAgain: string | undefined;
  isLong: boolean;
  /** '' keeps what is stored, null forgets it. */
  value: string | null;
  onChange: (text: string | null) => void;
}

/** A secret goes in and never comes out again: of a stored one it is only shown that it is set. */
export function SecretField({ isStored, whyAgain, value, onChange, ...field }: SecretFieldProps) {
  const [isReplacing, setReplacing] = useState(false);
  const change = (text: string | null) => (setReplacing(false), onChange(text));
  if (whyAgain) {
    return (
      <>
        <SecretInput {...field} hint={whyAgain} isRequired value={value ?? ''} onChange={onChange} />
        {!field.isRequired && <TextButton onClick={() => change(null)}>Clear the stored one</TextButton>}
      </>
    );
  }
  if (!isStored || isReplacing || value) {
    return (
      <>
        <SecretInput {...field} autoFocus={isStored} value={value ?? ''} onChange={onChange} />
        {isStored && <TextButton onClick={() => change('')}>Keep the stored one</TextButton>}
      </>
    );
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

interface InputProps extends Omit<SecretFieldProps, 'isStored' | 'whyAgain' | 'value'> {
  value: string;
  autoFocus?: boolean;
}

function SecretInput({ isLong, isRequired, onChange, ...frame }: InputProps) {
  const shared = {
    ...frame,
    required: isRequired,
    autoComplete: 'new-password',
    spellCheck: false,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  };
  return isLong ? <TextArea {...shared} rows={5} className="input mono" /> : <TextField {...shared} type="password" />;
}

function TextButton({ onClick, children }: { onClick: () => void; children: string }) {
  return (
    <button type="button" className="text-button" onClick={onClick}>
      {children}
    </button>
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
