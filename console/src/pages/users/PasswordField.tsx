import { useState } from 'react';
import { TextField } from '../../ui/Field';

interface PasswordFieldProps {
  value: string;
  error: string | undefined;
  onChange: (password: string) => void;
}

/** A new password for someone else: it has to be read to be passed on, so it may be shown. */
export function PasswordField({ value, error, onChange }: PasswordFieldProps) {
  const [isShown, setShown] = useState(false);
  return (
    <div>
      <TextField
        label="Password"
        type={isShown ? 'text' : 'password'}
        autoComplete="new-password"
        spellCheck={false}
        required
        minLength={10}
        hint="10 characters or more."
        value={value}
        error={error}
        onChange={(event) => onChange(event.target.value)}
      />
      <label className="check small">
        <input type="checkbox" checked={isShown} onChange={(event) => setShown(event.target.checked)} />
        Show it
      </label>
    </div>
  );
}
