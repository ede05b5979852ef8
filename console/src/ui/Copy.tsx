import { useEffect, useState } from 'react';
import { Button, IconButton } from './Button';

/** Copies text; says so for a moment. */
export function CopyButton({ text, label = 'Copy', bare }: { text: string; label?: string; bare?: boolean }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 1600);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = () => void write(text).then(setDone);
  const icon = done ? 'check' : 'copy';
  if (bare) return <IconButton icon={icon} label={done ? 'Copied' : label} onClick={copy} />;
  return (
    <Button small icon={icon} onClick={copy}>
      {done ? 'Copied' : label}
    </Button>
  );
}

/** The clipboard API is missing on plain http; the old command still works there. */
async function write(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Not permitted here: fall through to the command.
    }
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'visually-hidden';
  const parent = document.querySelector('dialog[open]') ?? document.body;
  parent.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}
