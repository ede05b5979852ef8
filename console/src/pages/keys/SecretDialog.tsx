import type { MadeKey } from '../../api/types';
import { Button } from '../../ui/Button';
import { CopyButton } from '../../ui/Copy';
import { Dialog } from '../../ui/Dialog';

/** The only time that the key itself is shown. */
export function SecretDialog({ made, onClose }: { made: MadeKey; onClose: () => void }) {
  return (
    <Dialog title={`${made.name} is ready`} onClose={onClose}>
      <div className="dialog-body stack">
        <p>Copy the key now. It is not stored and cannot be shown again.</p>
        <div className="secret">
          <code data-testid="secret">{made.key}</code>
          <CopyButton text={made.key} />
        </div>
        <p className="muted">
          Send it as <code>Authorization: Bearer {made.prefix}…</code>
        </p>
      </div>
      <footer className="dialog-foot">
        <Button look="primary" onClick={onClose}>
          I have stored it
        </Button>
      </footer>
    </Dialog>
  );
}
