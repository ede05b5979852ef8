import { useSearchParams } from 'react-router';
import { Inspector } from './Inspector';

/** `?turn=<id>` shows the turn, so that a look at it can be shared and reloaded. */
export function InspectorFromUrl() {
  const [params, setParams] = useSearchParams();
  const turnId = params.get('turn');
  if (!turnId) return null;
  const close = () =>
    setParams((before) => {
      const after = new URLSearchParams(before);
      after.delete('turn');
      return after;
    });
  return <Inspector key={turnId} turnId={turnId} onClose={close} />;
}
