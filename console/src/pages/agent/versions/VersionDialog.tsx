import { useState } from 'react';
import type { Agent } from '../../../api/types';
import { useRestoreVersion, useVersion } from '../../../api/versions';
import { moment } from '../../../text/format';
import { Button } from '../../../ui/Button';
import { Confirm } from '../../../ui/Confirm';
import { Dialog } from '../../../ui/Dialog';
import { Diff } from '../../../ui/Diff';
import { Choice } from '../../../ui/Field';
import { Json } from '../../../ui/Json';
import { ErrorNote, Loading } from '../../../ui/Note';
import { useSay } from '../../../ui/Toasts';
import { nameOfField, nameOfPlace, textOf } from './fields';

interface VersionProps {
  agent: Agent;
  version: number;
  current: number;
  mayChange: boolean;
  onClose: () => void;
}

type View = 'before' | 'current' | 'whole';

/** One version: what it changed, how it differs from today's, and the whole of it. */
export function VersionDialog({ agent, version, current, mayChange, onClose }: VersionProps) {
  const [view, setView] = useState<View>(version > 1 ? 'before' : 'whole');
  const [isAsking, setAsking] = useState(false);
  const isCurrent = version === current;
  const options: { value: View; label: string }[] = [{ value: 'whole', label: 'Whole' }];
  if (!isCurrent) options.unshift({ value: 'current', label: 'Against current' });
  if (version > 1) options.unshift({ value: 'before', label: 'Changes' });
  return (
    <Dialog title={`Version ${version} of ${agent.name}`} place="side" onClose={onClose}>
      <div className="dialog-body stack">
        <div className="version-bar">
          <Choice compact legend="Show" value={view} options={options} onChange={setView} />
          {mayChange && !isCurrent && (
            <Button small onClick={() => setAsking(true)}>
              Restore
            </Button>
          )}
        </div>
        {view === 'whole' && <Whole agentId={agent.id} version={version} />}
        {view === 'before' && <Changes agentId={agent.id} from={version - 1} to={version} />}
        {view === 'current' && <Changes agentId={agent.id} from={version} to={current} />}
      </div>
      {isAsking && <RestoreDialog agent={agent} version={version} onDone={onClose} onClose={() => setAsking(false)} />}
    </Dialog>
  );
}

function Whole({ agentId, version }: { agentId: string; version: number }) {
  const whole = useVersion(agentId, version);
  if (whole.isPending) return <Loading rows={6} />;
  if (whole.isError) return <ErrorNote error={whole.error} onRetry={() => void whole.refetch()} />;
  const { actor, createdAt, body } = whole.data;
  return (
    <>
      <p className="lead">
        {moment(createdAt)}, by {actor.name || actor.kind}
      </p>
      {Object.entries(body)
        .filter(([, value]) => textOf(value) !== '')
        .map(([field, value]) => (
          <Json key={field} label={nameOfField(field)} value={value} />
        ))}
    </>
  );
}

function Changes({ agentId, from, to }: { agentId: string; from: number; to: number }) {
  const compared = useVersion(agentId, to, from);
  if (compared.isPending) return <Loading rows={6} />;
  if (compared.isError) return <ErrorNote error={compared.error} onRetry={() => void compared.refetch()} />;
  const diff = compared.data.diff ?? [];
  return (
    <>
      <p className="lead">
        From version {from} to version {to}
      </p>
      {diff.length === 0 && <p>They are the same.</p>}
      {diff.map(({ path, before, after }) => (
        <Diff key={path} label={nameOfPlace(path)} before={textOf(before)} after={textOf(after)} />
      ))}
    </>
  );
}

interface RestoreProps {
  agent: Agent;
  version: number;
  onDone: () => void;
  onClose: () => void;
}

function RestoreDialog({ agent, version, onDone, onClose }: RestoreProps) {
  const restore = useRestoreVersion(agent.id);
  const say = useSay();
  const confirm = () =>
    restore.mutate(version, {
      onSuccess: () => {
        say(`${agent.name} is as in version ${version} again`);
        onDone();
      },
    });
  return (
    <Confirm
      title={`Restore version ${version}?`}
      action="Restore"
      look="primary"
      busy={restore.isPending}
      error={restore.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <p>
        The whole definition becomes as it was then: soul, prompt, model and configuration. That is a new version;
        nothing in the history is lost.
      </p>
    </Confirm>
  );
}
