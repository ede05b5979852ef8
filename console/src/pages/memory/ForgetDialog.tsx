import { useForgetShared } from '../../api/shared';
import type { MemoryEntry } from '../../api/types';
import { Confirm } from '../../ui/Confirm';
import { Json } from '../../ui/Json';
import { useSay } from '../../ui/Toasts';

export function ForgetDialog({ entry, onClose }: { entry: MemoryEntry; onClose: () => void }) {
  const forget = useForgetShared();
  const say = useSay();
  const confirm = () =>
    forget.mutate(
      { key: entry.key, ifRevision: entry.revision },
      {
        onSuccess: () => {
          say(`Forgot ${entry.key}`);
          onClose();
        },
      },
    );
  return (
    <Confirm
      title={`Forget ${entry.key}?`}
      action="Forget"
      busy={forget.isPending}
      error={forget.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <p>No agent finds it any more. This cannot be undone.</p>
      <Json label={`Revision ${entry.revision}`} value={entry.value} />
    </Confirm>
  );
}
