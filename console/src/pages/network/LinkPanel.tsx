import { Link as PageLink } from 'react-router';
import { useAgent } from '../../api/agents';
import { useMay } from '../../api/session';
import type { Link } from '../../api/types';
import { bytes } from '../../text/format';
import { PresenceLabel } from '../../ui/Badge';
import { CopyButton } from '../../ui/Copy';
import { Dialog } from '../../ui/Dialog';
import { Fact } from '../../ui/Facts';
import { ErrorNote } from '../../ui/Note';
import { Ago } from '../../ui/Time';
import { Interrupts } from './Interrupts';

interface PanelProps {
  agentId: string;
  /** Not there any more when the agent has left. */
  link: Link | undefined;
  onClose: () => void;
}

/** One agent: how it is connected, and a way to interrupt it. */
export function LinkPanel({ agentId, link, onClose }: PanelProps) {
  const agent = useAgent(agentId);
  const mayWrite = useMay('operator');
  const name = link?.name ?? agent.data?.name ?? agentId;
  const presence = link?.presence ?? agent.data?.presence;
  return (
    <Dialog title={name} place="side" onClose={onClose}>
      <div className="dialog-body link-panel">
        <div className="link-state">
          {presence && <PresenceLabel state={presence} />}
          <span className="agent-id mono">
            {agentId}
            <CopyButton bare text={agentId} label="Copy the id" />
          </span>
          <PageLink to={`/agents/${agentId}`}>Open the agent</PageLink>
        </div>
        {agent.isError && !link && <ErrorNote error={agent.error} onRetry={() => void agent.refetch()} />}
        {link ? (
          <Facts link={link} />
        ) : (
          <p className="muted">Not connected now. What you send waits until it is back.</p>
        )}
        <Interrupts agentId={agentId} name={name} mayWrite={mayWrite} />
      </div>
    </Dialog>
  );
}

function Facts({ link }: { link: Link }) {
  return (
    <dl className="facts">
      <Fact name="Connected">
        <Ago at={link.since} />
      </Fact>
      <Fact name="Last active">
        <Ago at={link.lastActivityAt} />
      </Fact>
      <Fact name="Version">{link.version || '–'}</Fact>
      <Fact name="Received">{bytes(link.bytesIn)}</Fact>
      <Fact name="Sent">{bytes(link.bytesOut)}</Fact>
      <Fact name="Node">{link.node}</Fact>
      <Fact name="Machine">{link.machineId}</Fact>
    </dl>
  );
}
