import { useState, type FormEvent } from 'react';
import { ApiError } from '../../api/client';
import { useSendLetter } from '../../api/comms';
import { useSession } from '../../api/session';
import { AgentField } from '../../ui/AgentField';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { TextArea, TextField } from '../../ui/Field';
import { ErrorNote } from '../../ui/Note';
import { useSay } from '../../ui/Toasts';

/** A message to an agent, from oneself or on behalf of another agent. */
export function ComposeDialog({ to: first, onClose }: { to: string; onClose: () => void }) {
  const me = useSession();
  const [to, setTo] = useState(first);
  const [from, setFrom] = useState(me.username);
  const [content, setContent] = useState('');
  const [type, setType] = useState('');
  const send = useSendLetter();
  const say = useSay();
  const refused = send.error instanceof ApiError ? send.error.fields : {};

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (send.isPending) return;
    const kind = type.trim();
    send.mutate(
      { from: from.trim(), to: to.trim(), content, ...(kind && { type: kind }) },
      { onSuccess: () => (say(`Sent to ${to.trim()}`), onClose()) },
    );
  };

  return (
    <Dialog title="New message" onClose={onClose}>
      <form onSubmit={submit}>
        <div className="dialog-body stack">
          <div className="columns">
            <AgentField label="To" required value={to} error={refused['to']} onChange={setTo} />
            <AgentField
              label="From"
              required
              hint="You, or an agent in whose name you write."
              also={[me.username]}
              value={from}
              error={refused['from']}
              onChange={setFrom}
            />
          </div>
          <TextArea
            label="Message"
            required
            rows={6}
            value={content}
            error={refused['content']}
            onChange={(event) => setContent(event.target.value)}
          />
          <TextField
            label="Kind"
            placeholder="request"
            hint="What sort of message it is. May be left empty."
            value={type}
            error={refused['type']}
            onChange={(event) => setType(event.target.value)}
          />
          {send.isError && <ErrorNote error={send.error} />}
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" icon="send" busy={send.isPending}>
            Send
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
