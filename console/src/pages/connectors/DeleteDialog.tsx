import { useDeleteConnector } from '../../api/connectors';
import type { ListedConnector } from '../../api/types';
import { Confirm } from '../../ui/Confirm';
import { useSay } from '../../ui/Toasts';

interface DeleteProps {
  connector: ListedConnector;
  onClose: () => void;
  onDeleted?: () => void;
}

export function DeleteDialog({ connector, onClose, onDeleted }: DeleteProps) {
  const remove = useDeleteConnector(connector.id);
  const say = useSay();
  const confirm = () =>
    remove.mutate(undefined, {
      onSuccess: () => {
        say(`Deleted ${connector.name}`);
        onClose();
        onDeleted?.();
      },
    });
  return (
    <Confirm
      title={`Delete ${connector.name}?`}
      action="Delete"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <p>Its settings and secrets are forgotten, and agents lose it as a tool. The source itself is not touched.</p>
    </Confirm>
  );
}
