import { createContext, useCallback, useContext, useState, type ReactNode } from 'react';
import { IconButton } from './Button';
import { messageOf } from './Note';

interface Toast {
  id: number;
  text: string;
  bad: boolean;
}

interface Say {
  (text: string): void;
  failed: (error: unknown) => void;
}

const ToastContext = createContext<Say | null>(null);
const SHOWN_MS = 5000;

let lastId = 0;

/** Short notes about what was just done, read out politely. */
export function Toasts({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const drop = useCallback((id: number) => setToasts((all) => all.filter((each) => each.id !== id)), []);

  const [say] = useState<Say>(() => {
    const add = (text: string, bad: boolean) => {
      lastId += 1;
      const id = lastId;
      setToasts((all) => [...all.slice(-3), { id, text, bad }]);
      setTimeout(() => drop(id), bad ? SHOWN_MS * 2 : SHOWN_MS);
    };
    return Object.assign((text: string) => add(text, false), {
      failed: (error: unknown) => add(messageOf(error), true),
    });
  });

  return (
    <ToastContext value={say}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {toasts.map((toast) => (
          <div key={toast.id} className={`toast ${toast.bad ? 'bad' : ''}`}>
            <span>{toast.text}</span>
            <IconButton icon="close" label="Dismiss" onClick={() => drop(toast.id)} />
          </div>
        ))}
      </div>
    </ToastContext>
  );
}

export function useSay(): Say {
  const say = useContext(ToastContext);
  if (!say) throw new Error('useSay needs <Toasts> around it');
  return say;
}
