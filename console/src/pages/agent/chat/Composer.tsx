import { useEffect, useRef, useState, type FormEvent, type KeyboardEvent } from 'react';
import type { Agent, QueueMode } from '../../../api/types';
import { Button } from '../../../ui/Button';
import { Choice } from '../../../ui/Field';
import { ErrorNote } from '../../../ui/Note';
import { drop, keep, readKept } from '../../../ui/kept';
import type { useChat } from './useChat';

interface ComposerProps {
  agent: Agent;
  conversationId: string;
  chat: ReturnType<typeof useChat>;
}

export function Composer({ agent, conversationId, chat }: ComposerProps) {
  const [text, setText] = useUnsent(conversationId);
  const [mode, setMode] = useState<QueueMode>('collect');
  const field = useRef<HTMLTextAreaElement>(null);
  const isClosed = agent.lifecycle === 'stopped' || agent.lifecycle === 'error';

  useEffect(() => {
    // A keyboard that pops up over half of a phone's screen is not what opening a conversation asks for.
    if (window.matchMedia('(min-width: 801px)').matches) field.current?.focus();
  }, []);

  const submit = async (event: FormEvent | KeyboardEvent) => {
    event.preventDefault();
    const content = text.trim();
    if (!content || chat.isSending || isClosed) return;
    if (await chat.send(content, mode)) {
      setText((now) => (now.trim() === content ? '' : now));
      setMode('collect');
    }
    field.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) void submit(event);
  };

  return (
    <form className="composer" onSubmit={(event) => void submit(event)}>
      {chat.sendError ? <ErrorNote error={chat.sendError} /> : null}
      {chat.cancelError ? <ErrorNote error={chat.cancelError} /> : null}
      <div className="composer-box">
        <textarea
          ref={field}
          rows={1}
          aria-label={`Message to ${agent.name}`}
          placeholder={isClosed ? 'This agent takes no messages now' : `Message ${agent.name}…`}
          value={text}
          disabled={isClosed}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <div className="composer-bar">
          {chat.isBusy ? (
            <QueueChoice mode={mode} setMode={setMode} />
          ) : (
            <p className="composer-hint">Enter sends · Shift + Enter for a new line</p>
          )}
          {chat.runningTurn && (
            <Button icon="stop" busy={chat.isCancelling} onClick={chat.cancel}>
              Stop reply
            </Button>
          )}
          <Button type="submit" look="primary" icon="send" busy={chat.isSending} disabled={!text.trim() || isClosed}>
            Send
          </Button>
        </div>
      </div>
    </form>
  );
}

function QueueChoice({ mode, setMode }: { mode: QueueMode; setMode: (mode: QueueMode) => void }) {
  return (
    <Choice
      compact
      legend="What to do with the running turn"
      value={mode}
      onChange={setMode}
      options={[
        { value: 'collect', label: 'After this turn' },
        { value: 'interrupt', label: 'Interrupt it' },
      ]}
    />
  );
}

/** Text that was not sent yet survives a reload and a look at another page. */
function useUnsent(conversationId: string) {
  const key = `muster-unsent-${conversationId}`;
  const [text, setText] = useState(() => readKept<string>(key) ?? '');
  useEffect(() => {
    if (text) keep(key, text);
    else drop(key);
  }, [key, text]);
  return [text, setText] as const;
}
