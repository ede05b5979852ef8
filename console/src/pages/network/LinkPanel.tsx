import { Link as PageLink } from 'react-router';
import { dialsIn, runsElsewhere, useAgent } from '../../api/agents';
import { useLinks } from '../../api/links';
import { useMay } from '../../api/session';
import type { Agent, Link } from '../../api/types';
import { bytes } from '../../text/format';
import { PresenceLabel } from '../../ui/Badge';
import { CopyButton } from '../../ui/Copy';
import { Dialog } from '../../ui/Dialog';
import { Fact } from '../../ui/Facts';
import { ErrorNote, Loading } from '../../ui/Note';
import { Ago } from '../../ui/Time';
import { Interrupts } from './Interrupts';

/** One agent: how it is connected, and a way to interrupt it. */
export function LinkPanel({ agentId, onClose }: { agentId: string; onClose: () => void }) {
  const agent = useAgent(agentId);
  const links = useLinks(agent.data !== undefined && dialsIn(agent.data));
  const mayWrite = useMay('operator');
  const link = links.data?.links.find((each) => each.agentId === agentId);
  const name = agent.data?.name ?? agentId;
  return (
    <Dialog title={name} place="side" onClose={onClose}>
      <div className="dialog-body link-panel">
        <div className="link-state">
          {agent.data && <PresenceLabel state={link?.presence ?? agent.data.presence} />}
          <span className="agent-id mono">
            {agentId}
            <CopyButton bare text={agentId} label="Copy the id" />
          </span>
          <PageLink to={`/agents/${agentId}`} onClick={onClose}>
            Open the agent
          </PageLink>
        </div>
        {agent.isPending && <Loading rows={4} />}
        {agent.isError && <ErrorNote error={agent.error} onRetry={() => void agent.refetch()} />}
        {link && <Facts link={link} />}
        {agent.data && !link && !links.isLoading && <p className="muted">{whereabouts(agent.data)}</p>}
        {agent.data && <Interrupts agentId={agentId} name={name} mayWrite={mayWrite} />}
      </div>
    </Dialog>
  );
}

/** What becomes of an interrupt of an agent that has no link. */
function whereabouts(agent: Agent): string {
  if (dialsIn(agent)) return 'It is not connected now. What you send waits until it is back.';
  if (runsElsewhere(agent)) return 'It runs elsewhere and gets what you send when it next asks for work.';
  return 'It runs here. What you send breaks off what it does in this conversation.';
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
