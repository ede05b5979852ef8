import { isOver, useCancelTurn, useTurn } from '../../../api/turns';
import { useMay } from '../../../api/session';
import type { Turn } from '../../../api/types';
import { TurnBadge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { CopyButton } from '../../../ui/Copy';
import { Dialog } from '../../../ui/Dialog';
import { Icon } from '../../../ui/Icon';
import { ErrorNote, Loading } from '../../../ui/Note';
import { PromptPart } from './PromptPart';
import { Steps } from './Steps';
import { TurnFacts } from './TurnFacts';

/** Everything about one turn: what came in, what was sent to the model, each step, what came out. */
export function Inspector({ turnId, onClose }: { turnId: string; onClose: () => void }) {
  const turn = useTurn(turnId);
  return (
    <Dialog title="Turn" place="side" onClose={onClose}>
      <div className="dialog-body inspector">
        <p className="inspector-id mono">
          {turnId}
          <CopyButton bare text={turnId} label="Copy the id" />
        </p>
        {turn.isPending && <Loading rows={8} />}
        {turn.isError && <ErrorNote error={turn.error} onRetry={() => void turn.refetch()} />}
        {turn.data && <Found turn={turn.data} />}
      </div>
    </Dialog>
  );
}

function Found({ turn }: { turn: Turn }) {
  const cancel = useCancelTurn();
  const mayCancel = useMay('operator') && !isOver(turn);
  return (
    <>
      <p className="inspector-state">
        <TurnBadge state={turn.state} />
        {turn.attempt > 1 && <span className="muted">attempt {turn.attempt}</span>}
        {mayCancel && (
          <Button small icon="stop" busy={cancel.isPending} onClick={() => cancel.mutate(turn.id)}>
            Stop this turn
          </Button>
        )}
      </p>
      {cancel.isError && <ErrorNote error={cancel.error} />}
      {turn.error && (
        <div className="note bad">
          <Icon name="warn" />
          <div>
            <p>{turn.error.message}</p>
            <p className="note-small">{turn.error.code}</p>
          </div>
        </div>
      )}
      <TurnFacts turn={turn} />
      <Steps turn={turn} />
      <Said title="Messages taken" messages={turn.messages} />
      {turn.reply && <Said title="Reply" messages={[turn.reply]} />}
      <PromptPart prompt={turn.prompt} />
    </>
  );
}

function Said({ title, messages }: { title: string; messages: Turn['messages'] }) {
  if (messages.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul className="prompt-messages">
        {messages.map((message) => (
          <li key={message.id}>
            <span className="role">{message.role}</span>
            <pre tabIndex={0}>{message.content}</pre>
          </li>
        ))}
      </ul>
    </section>
  );
}
