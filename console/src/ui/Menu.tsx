import { useId, useRef, type KeyboardEvent } from 'react';
import { IconButton } from './Button';

export interface MenuItem {
  label: string;
  danger?: boolean;
  onSelect: () => void;
}

/** A button with a popover of actions. The browser closes it on Escape and on a press elsewhere. */
export function Menu({ label, items }: { label: string; items: MenuItem[] }) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLSpanElement>(null);

  const place = () => {
    const anchor = button.current?.getBoundingClientRect();
    const menu = list.current;
    if (!anchor || !menu) return;
    const below = anchor.bottom + 4 + menu.offsetHeight < window.innerHeight;
    menu.style.top = `${below ? anchor.bottom + 4 : anchor.top - 4 - menu.offsetHeight}px`;
    menu.style.left = `${Math.max(8, anchor.right - menu.offsetWidth)}px`;
    menu.querySelector<HTMLButtonElement>('button')?.focus();
  };

  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...event.currentTarget.querySelectorAll('button')];
    const at = all.findIndex((each) => each === document.activeElement);
    all[(at + step + all.length) % all.length]?.focus();
  };

  return (
    <>
      <span ref={button}>
        <IconButton icon="more" label={label} popoverTarget={id} />
      </span>
      <div
        ref={list}
        id={id}
        popover="auto"
        className="menu"
        onToggle={(event) => event.newState === 'open' && place()}
        onKeyDown={move}
      >
        {items.map((item) => (
          <button
            key={item.label}
            type="button"
            className={item.danger ? 'danger' : ''}
            onClick={() => {
              list.current?.hidePopover();
              item.onSelect();
            }}
          >
            {item.label}
          </button>
        ))}
      </div>
    </>
  );
}
