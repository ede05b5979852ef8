import { useState } from 'react';
import { useLifecycle, type LifecycleVerb } from '../../api/agents';
import { useMay } from '../../api/session';
import type { Agent, Lifecycle } from '../../api/types';
import { Button } from '../../ui/Button';
import { Confirm } from '../../ui/Confirm';
import type { IconName } from '../../ui/Icon';
import { LinkPanel } from '../network/LinkPanel';
import { useSay } from '../../ui/Toasts';

const VERBS: Record<Lifecycle, LifecycleVerb[]> = {
  active: ['pause', 'stop'],
  paused: ['resume', 'stop'],
  stopped: ['activate'],
  error: ['activate', 'stop'],
};

const LOOK: Record<LifecycleVerb, { label: string; icon: IconName; done: string }> = {
  pause: { label: 'Pause', icon: 'pause', done: 'paused' },
  resume: { label: 'Resume', icon: 'play', done: 'resumed' },
  stop: { label: 'Stop agent', icon: 'stop', done: 'stopped' },
  activate: { label: 'Activate', icon: 'play', done: 'activated' },
};

/** What can be done with the agent in the state it is in. Stopping asks first. */
export function LifecycleButtons({ agent }: { agent: Agent }) {
  const mayChange = useMay('operator');
  const lifecycle = useLifecycle(agent.id);
  const [asking, setAsking] = useState(false);
  const [interrupting, setInterrupting] = useState(false);
  const say = useSay();
  if (!mayChange) return null;

  const run = (verb: LifecycleVerb) =>
    lifecycle.mutate(verb, {
      onSuccess: () => {
        setAsking(false);
        say(`${agent.name} is ${LOOK[verb].done}`);
      },
      onError: (error) => verb !== 'stop' && say.failed(error),
    });

  return (
    <div className="agent-actions">
      <Button icon="bolt" onClick={() => setInterrupting(true)}>
        Interrupt
      </Button>
      {VERBS[agent.lifecycle].map((verb) => (
        <Button
          key={verb}
          icon={LOOK[verb].icon}
          busy={lifecycle.isPending && lifecycle.variables === verb}
          onClick={() => (verb === 'stop' ? setAsking(true) : run(verb))}
        >
          {LOOK[verb].label}
        </Button>
      ))}
      {interrupting && <LinkPanel agentId={agent.id} onClose={() => setInterrupting(false)} />}
      {asking && (
        <Confirm
          title={`Stop ${agent.name}?`}
          action="Stop agent"
          busy={lifecycle.isPending}
          error={lifecycle.error}
          onConfirm={() => run('stop')}
          onClose={() => setAsking(false)}
        >
          <p>
            Its environment goes down and new messages are refused until it is activated again. Its workspace is kept.
          </p>
        </Confirm>
      )}
    </div>
  );
}
