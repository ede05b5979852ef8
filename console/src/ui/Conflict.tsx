import type { ReactNode } from 'react';
import { Button } from './Button';
import { Diff } from './Diff';

interface ConflictProps {
  /** What happened. */
  children: ReactNode;
  theirs: string;
  mine: string;
  busy?: boolean;
  onTake: () => void;
  onOverwrite: () => void;
}

/** Somebody else has saved something meanwhile: what differs, and which of the two is to stay. */
export function Conflict({ children, theirs, mine, busy = false, onTake, onOverwrite }: ConflictProps) {
  return (
    <div className="stack" role="alert">
      <p className="note busy">{children}</p>
      <Diff before={theirs} after={mine} label="From theirs to yours" />
      <div className="card-actions">
        <Button small onClick={onTake}>
          Take theirs
        </Button>
        <Button small look="danger" busy={busy} onClick={onOverwrite}>
          Save mine over it
        </Button>
      </div>
    </div>
  );
}
