import { useUpdateConnector } from '../../api/connectors';
import type { ListedConnector } from '../../api/types';
import { useSay } from '../../ui/Toasts';

/** Switches a connector on or off; shows what was chosen until the server has said. */
export function EnabledSwitch({ connector, disabled }: { connector: ListedConnector; disabled: boolean }) {
  const update = useUpdateConnector(connector.id);
  const say = useSay();
  const isOn = update.isPending ? (update.variables.enabled ?? connector.enabled) : connector.enabled;
  const change = (enabled: boolean) =>
    update.mutate(
      { enabled },
      {
        onSuccess: () => say(`${enabled ? 'Enabled' : 'Disabled'} ${connector.name}`),
        onError: (error) => say.failed(error),
      },
    );
  return (
    <label className="switch bare-switch">
      <input
        type="checkbox"
        role="switch"
        aria-label={`${connector.name} is enabled`}
        checked={isOn}
        disabled={disabled}
        onChange={(event) => change(event.target.checked)}
      />
    </label>
  );
}
