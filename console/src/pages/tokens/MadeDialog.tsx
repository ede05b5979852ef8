import type { MadeToken } from '../../api/types';
import { Button } from '../../ui/Button';
import { CopyButton } from '../../ui/Copy';
import { Dialog } from '../../ui/Dialog';
import { Json } from '../../ui/Json';

/** The only time that the token itself is shown, with what to do with it. */
export function MadeDialog({ made, onClose }: { made: MadeToken; onClose: () => void }) {
  const server = window.location.origin;
  const command = `muster --url ${server} agent run --token ${made.secret} --exec ./answer.sh`;
  const environment = `export ANYCAST_PORTAL_URL=${server}\nexport ANYCAST_API_TOKEN=${made.secret}`;
  return (
    <Dialog title={`${made.name} is ready`} onClose={onClose}>
      <div className="dialog-body stack">
        <p>Copy the token now. It is not stored and cannot be shown again.</p>
        <div className="secret">
          <code data-testid="secret">{made.secret}</code>
          <CopyButton text={made.secret} />
        </div>
        <p className="muted">On the machine, start an agent that answers with what a command prints:</p>
        <Json label="Command" value={command} />
        <p className="muted">Or use it over HTTP and with other clients:</p>
        <Json label="Environment" value={environment} />
      </div>
      <footer className="dialog-foot">
        <Button look="primary" onClick={onClose}>
          I have stored it
        </Button>
      </footer>
    </Dialog>
  );
}
