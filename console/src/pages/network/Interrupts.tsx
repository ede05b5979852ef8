import { useState, type FormEvent, type KeyboardEvent } from 'react';
import { useInterrupt, useInterruptThread } from '../../api/interrupts';
import type { Message } from '../../api/types';
import { moment, time } from '../../text/format';
import { Button } from '../../ui/Button';
import { Markdown } from '../../ui/Markdown';
import { ErrorNote, Loading } from '../../ui/Note';
import { fateOf } from './fate';

interface InterruptsProps {
  agentId: string;
  name: string;
  mayWrite: boolean;
}

/** What was told the agent as interrupts and what it replied, live; below, a field for the next. */
export function Interrupts({ agentId, name, mayWrite }: InterruptsProps) {
  const thread = useInterruptThread(agentId);
  const answered = new Set(thread.messages.map((message) => message.reply_to_id));
  return (
    <section className="interrupts" aria-label="Interrupts">
      <h3>Interrupts</h3>
      {thread.isPending && <Loading rows={3} />}
      {thread.error && <ErrorNote error={thread.error} onRetry={thread.retry} />}
      {!thread.isPending && thread.messages.length === 0 && (
        <p className="muted">
          {mayWrite
            ? `Nothing yet. ${name} gets what you send at once, or as soon as it is back.`
            : 'Nothing yet, and only operators may send something.'}
        </p>
      )}
      <ol className="letters" aria-live="polite">
        {thread.messages.map((message) => (
          <Said key={message.id} message={message} name={name} isAnswered={answered.has(message.id)} />
        ))}
      </ol>
      {mayWrite && <InterruptForm agentId={agentId} name={name} />}
    </section>
  );
}

function Said({ message, name, isAnswered }: { message: Message; name: string; isAnswered: boolean }) {
  const isMine = message.role === 'user';
  return (
    <li className={`letter ${isMine ? '' : 'second'}`}>
      <header>
        <b>{isMine ? 'You' : name}</b>
        <time dateTime={message.created_at} title={moment(message.created_at)}>
          {time(message.created_at)}
        </time>
      </header>
      {isMine ? <p className="said">{message.content}</p> : <Markdown text={message.content} />}
      {isMine && !isAnswered && <Fate message={message} name={name} />}
    </li>
  );
}

function Fate({ message, name }: { message: Message; name: string }) {
  const { text, tone } = fateOf(message, name);
  return (
    <p className={`waiting ${tone === 'bad' ? 'bad-text' : ''}`} role="status">
      {tone === 'busy' && <span className="spinner" />}
      {text}
    </p>
  );
}

function InterruptForm({ agentId, name }: { agentId: string; name: string }) {
  const [text, setText] = useState('');
  const interrupt = useInterrupt(agentId);
  const submit = (event: FormEvent | KeyboardEvent) => {
    event.preventDefault();
    const reason = text.trim();
    if (!reason || interrupt.isPending) return;
    interrupt.mutate(reason, { onSuccess: () => setText((now) => (now.trim() === reason ? '' : now)) });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) submit(event);
  };
  return (
    <form className="interrupt-form" onSubmit={submit}>
      <textarea
        className="input"
        rows={3}
        aria-label={`Interrupt ${name}`}
        placeholder={`Tell ${name} something, now…`}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {interrupt.isError && <ErrorNote error={interrupt.error} />}
      <footer>
        <span className="field-hint">Enter sends · Shift + Enter for a new line</span>
        <Button type="submit" look="primary" icon="bolt" busy={interrupt.isPending} disabled={!text.trim()}>
          Interrupt
        </Button>
      </footer>
    </form>
  );
}
