import { useEffect, useId, useRef, type ReactNode } from 'react';
import { IconButton } from './Button';

interface DialogProps {
  title: ReactNode;
  onClose: () => void;
  children: ReactNode;
  /** `side` slides in over the right edge of the page. */
  place?: 'middle' | 'side';
}

/** A modal <dialog> that is open as long as it is rendered. Escape and a press on the backdrop close it. */
export function Dialog({ title, onClose, children, place = 'middle' }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    // The browser would begin with the close button; who opens a form wants to fill it in.
    dialog?.querySelector<HTMLElement>('.dialog-body :is(input, textarea)')?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  return (
    <dialog
      ref={ref}
      className={`dialog ${place}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        if (event.target !== ref.current) return;
        event.preventDefault();
        onClose();
      }}
      // Browsers let a page hold back one Escape only; the next one closes the dialog by itself.
      onClose={() => !ref.current?.open && onClose()}
      onMouseDown={(event) => event.target === ref.current && onClose()}
    >
      <div className="dialog-box">
        <header className="dialog-head">
          <h2 id={titleId}>{title}</h2>
          <IconButton icon="close" label="Close" onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
}
