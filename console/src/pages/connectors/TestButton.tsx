import { useEffect } from 'react';
import { useLocation } from 'react-router';
import { useTestConnector } from '../../api/connectors';
import { duration } from '../../text/format';
import { Button } from '../../ui/Button';
import { Icon } from '../../ui/Icon';
import { messageOf } from '../../ui/Note';

/** Reaches the source and says beside the button what came of it; at once for a connector that was just made. */
export function useConnectorTest(id: string) {
  const test = useTestConnector(id);
  const { state } = useLocation() as { state: { isNew?: boolean } | null };
  const isNew = state?.isNew === true;
  const { mutate } = test;
  useEffect(() => {
    if (isNew) mutate();
  }, [isNew, mutate]);
  const button = (
    <Button icon="bolt" busy={test.isPending} onClick={() => test.mutate()}>
      Test
    </Button>
  );
  return { button, outcome: <Outcome test={test} /> };
}

function Outcome({ test }: { test: ReturnType<typeof useTestConnector> }) {
  if (test.isPending || test.isIdle) return null;
  const isGood = test.data?.ok === true;
  const text = test.isError ? messageOf(test.error) : `${test.data.message} · ${duration(test.data.elapsedMs)}`;
  return (
    <div className={`note ${isGood ? 'good' : 'bad'} connector-outcome`} role="status">
      <Icon name={isGood ? 'check' : 'warn'} />
      <p>{text}</p>
    </div>
  );
}
