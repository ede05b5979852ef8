import { useState, type FormEvent } from 'react';
import { ApiError } from '../../../api/client';
import { useWake } from '../../../api/heartbeat';
import type { Agent } from '../../../api/types';
import { Button } from '../../../ui/Button';
import { Dialog } from '../../../ui/Dialog';
import { TextField } from '../../../ui/Field';
import { ErrorNote } from '../../../ui/Note';
import { useSay } from '../../../ui/Toasts';

export function WakeDialog({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const wake = useWake(agent.id);
  const say = useSay();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wake.isPending) return;
    wake.mutate(reason.trim(), {
      onSuccess: ({ delivered }) => {
        say(delivered ? `${agent.name} is awake` : `${agent.name} will see it when it next asks for work`);
        onClose();
      },
    });
  };

  return (
    <Dialog title={`Wake ${agent.name}`} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="dialog-body stack">
          <TextField
            label="Reason"
            autoComplete="off"
            hint="Told to the agent. May be left empty."
            value={reason}
            error={wake.error instanceof ApiError ? wake.error.fields['reason'] : undefined}
            onChange={(event) => setReason(event.target.value)}
          />
          {wake.isError && <ErrorNote error={wake.error} />}
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={wake.isPending}>
            Wake
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
