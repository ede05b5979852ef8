import { useDeferredValue, useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import { useNavigate } from 'react-router';
import { useAgents } from '../../api/agents';
import { useSession } from '../../api/session';
import { Icon } from '../../ui/Icon';
import { agentCommand, commandsFor, matching, type Command } from './commands';

const AGENTS = 6;

/** Goes anywhere by typing: a field above the list of what fits. Arrow keys choose, Enter goes, Escape closes. */
export function Palette({ onClose }: { onClose: () => void }) {
  const dialog = useModal();
  const list = useId();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const navigate = useNavigate();
  const commands = useCommands(typed);
  const chosen = commands[Math.min(at, commands.length - 1)];

  const go = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    void navigate(command.to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      go(chosen);
    }
    if (!step || commands.length === 0) return;
    event.preventDefault();
    setAt((before) => (Math.min(before, commands.length - 1) + step + commands.length) % commands.length);
  };

  return (
    <dialog
      ref={dialog}
      className="palette"
      aria-label="Go to"
      onClose={() => !dialog.current?.open && onClose()}
      onMouseDown={(event) => event.target === dialog.current && onClose()}
    >
      <div className="palette-field">
        <Icon name="search" />
        <input
          type="text"
          role="combobox"
          aria-label="Go to"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={chosen && `${list}-${chosen.id}`}
          placeholder="Go to a page or an agent…"
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <kbd>Esc</kbd>
      </div>
      <ul id={list} role="listbox" aria-label="What fits">
        {commands.map((command) => (
          <Option
            key={command.id}
            id={`${list}-${command.id}`}
            command={command}
            isChosen={command === chosen}
            onChoose={() => go(command)}
          />
        ))}
      </ul>
      {commands.length === 0 && <p className="palette-none">Nothing fits. Try a part of a name.</p>}
    </dialog>
  );
}

interface OptionProps {
  id: string;
  command: Command;
  isChosen: boolean;
  onChoose: () => void;
}

function Option({ id, command, isChosen, onChoose }: OptionProps) {
  const ref = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isChosen) ref.current?.scrollIntoView({ block: 'nearest' });
  }, [isChosen]);
  return (
    <li ref={ref} id={id} role="option" aria-selected={isChosen} onClick={onChoose}>
      <Icon name={command.icon} />
      <span>{command.name}</span>
      <small>{command.kind}</small>
    </li>
  );
}

function useCommands(typed: string): Command[] {
  const { role } = useSession();
  const q = useDeferredValue(typed.trim());
  const agents = useAgents({ q, sort: q ? 'name' : 'updated', limit: AGENTS });
  const found = (agents.data?.data ?? []).map(agentCommand);
  return [...matching(commandsFor(role), typed), ...found];
}

function useModal() {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return ref;
}
