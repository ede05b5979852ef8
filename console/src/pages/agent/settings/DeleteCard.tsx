import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useDeleteAgent } from '../../../api/agents';
import { ApiError } from '../../../api/client';
import type { Agent } from '../../../api/types';
import { Button } from '../../../ui/Button';
import { Confirm } from '../../../ui/Confirm';
import { TextField } from '../../../ui/Field';
import { Card } from '../../../ui/Page';
import { useSay } from '../../../ui/Toasts';

export function DeleteCard({ agent }: { agent: Agent }) {
  const [asking, setAsking] = useState(false);
  return (
    <Card title="Delete">
      <p className="muted">Deletes the agent with its messages, files and secrets. This cannot be undone.</p>
      <Button look="danger" icon="trash" onClick={() => setAsking(true)}>
        Delete agent
      </Button>
      {asking && <DeleteDialog agent={agent} onClose={() => setAsking(false)} />}
    </Card>
  );
}

/** Asks for the name. When a turn runs the server refuses once; then deleting by force is offered. */
function DeleteDialog({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const remove = useDeleteAgent(agent.id);
  const navigate = useNavigate();
  const say = useSay();
  const isRunning = remove.error instanceof ApiError && remove.error.status === 409;

  const confirm = () =>
    remove.mutate(isRunning, {
      onSuccess: () => {
        say(`Deleted ${agent.name}`);
        void navigate('/agents');
      },
    });

  return (
    <Confirm
      title={`Delete ${agent.name}?`}
      action={isRunning ? 'Cancel the turn and delete' : 'Delete for good'}
      busy={remove.isPending}
      error={isRunning ? null : remove.error}
      disabled={typed !== agent.name}
      onConfirm={confirm}
      onClose={onClose}
    >
      <p>Its messages, files, schedules and secrets go with it. This cannot be undone.</p>
      {isRunning && (
        <p className="note bad" role="alert">
          A turn is running. You can wait for it, or cancel it and delete the agent now.
        </p>
      )}
      <TextField
        label={`Type “${agent.name}” to confirm`}
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </Confirm>
  );
}
