import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import { Palette } from './Palette';

const OpenContext = createContext<() => void>(() => undefined);

/** Ctrl or ⌘ and K open the palette from everywhere; `useOpenPalette` does from a button. */
export function PaletteProvider({ children }: { children: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  const [open] = useState(() => () => setOpen(true));
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
        return;
      event.preventDefault();
      // A dialog that is open may hold what was typed.
      if (!document.querySelector('dialog[open]')) setOpen(true);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return (
    <OpenContext value={open}>
      {children}
      {isOpen && <Palette onClose={() => setOpen(false)} />}
    </OpenContext>
  );
}

export function useOpenPalette(): () => void {
  return useContext(OpenContext);
}
