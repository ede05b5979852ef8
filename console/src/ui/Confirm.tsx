import type { FormEvent, ReactNode } from 'react';
import { Button } from './Button';
import { Dialog } from './Dialog';
import { ErrorNote } from './Note';

interface ConfirmProps {
  title: string;
  action: string;
  busy: boolean;
  error: unknown;
  disabled?: boolean;
  /** `primary` for what can be undone. */
  look?: 'danger' | 'primary';
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** Asks before something that cannot be undone, or that changes much. */
export function Confirm({
  title,
  action,
  busy,
  error,
  disabled,
  look = 'danger',
  onConfirm,
  onClose,
  children,
}: ConfirmProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy && !disabled) onConfirm();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="dialog-body stack">
          {children}
          {error ? <ErrorNote error={error} /> : null}
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look={look} busy={busy} disabled={disabled}>
            {action}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
