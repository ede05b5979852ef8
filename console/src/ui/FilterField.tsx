import { useEffect, useRef, useState, type InputHTMLAttributes } from 'react';

interface FilterFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'value' | 'onChange'> {
  label: string;
  value: string;
  onCommit: (value: string) => void;
}

const SETTLE_MS = 350;

/** A filter that takes effect when typing pauses. */
export function FilterField({ label, value, onCommit, ...rest }: FilterFieldProps) {
  const [text, setText] = useState(value);
  // What is committed later must not undo what was chosen beside it meanwhile.
  const commit = useRef(onCommit);
  useEffect(() => {
    commit.current = onCommit;
  });
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => commit.current(text.trim()), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <label className="filter">
      <span>{label}</span>
      <input
        className="input"
        type="search"
        spellCheck={false}
        autoComplete="off"
        {...rest}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </label>
  );
}
