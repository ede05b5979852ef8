import { useTestConnector } from '../../api/connectors';
import { duration } from '../../text/format';
import { Button } from '../../ui/Button';
import { Icon } from '../../ui/Icon';
import { messageOf } from '../../ui/Note';

/** Reaches the source and says beside the button what came of it. */
export function useConnectorTest(id: string) {
  const test = useTestConnector(id);
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
