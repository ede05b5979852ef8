import { useState } from 'react';
import { useHeartbeat } from '../../../api/heartbeat';
import type { Heartbeat } from '../../../api/types';
import { useMay } from '../../../api/session';
import { fromUnix, plural } from '../../../text/format';
import { Badge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { Empty, ErrorNote, Loading } from '../../../ui/Note';
import { Card } from '../../../ui/Page';
import { Ago } from '../../../ui/Time';
import { useThisAgent } from '../AgentPage';
import { PendingTasks } from './PendingTasks';
import { WaitingMessages } from './WaitingMessages';
import { WakeDialog } from './WakeDialog';

/** What the agent would see if it asked for work now. Looking takes nothing away from it. */
export function HeartbeatTab() {
  const agent = useThisAgent();
  const heartbeat = useHeartbeat(agent.id);
  const mayWake = useMay('operator');
  const [isWaking, setWaking] = useState(false);
  return (
    <div className="tab-body heartbeat">
      <header className="tab-head">
        <div>
          <h2>What {agent.name} would see now</h2>
          <p className="muted">Looking changes nothing: messages stay unread, tasks stay where they are.</p>
        </div>
        <div className="page-actions">
          <Button busy={heartbeat.isFetching} onClick={() => void heartbeat.refetch()}>
            Look again
          </Button>
          {mayWake && <Button onClick={() => setWaking(true)}>Wake</Button>}
        </div>
      </header>
      {heartbeat.isPending && <Loading rows={6} />}
      {heartbeat.isError && <ErrorNote error={heartbeat.error} onRetry={() => void heartbeat.refetch()} />}
      {heartbeat.data && <Found heartbeat={heartbeat.data} />}
      {isWaking && <WakeDialog agent={agent} onClose={() => setWaking(false)} />}
    </div>
  );
}

function Found({ heartbeat }: { heartbeat: Heartbeat }) {
  const hasWork = heartbeat.status === 'WORK_ITEMS_FOUND';
  return (
    <div className="stack">
      <p className="heartbeat-state">
        <Badge tone={hasWork ? 'busy' : 'good'}>
          {hasWork ? plural(heartbeat.total_items, 'work item') : 'no work'}
        </Badge>
        <code>{heartbeat.status}</code>
        <span className="muted">
          looked <Ago at={fromUnix(heartbeat.checked_at)} />
        </span>
      </p>
      {!hasWork && (
        <Empty icon="check" title="Nothing to do">
          Assign it a task on the board, or send it a message.
        </Empty>
      )}
      {heartbeat.pending_tasks.length > 0 && (
        <Card title="Tasks">
          <PendingTasks tasks={heartbeat.pending_tasks} />
        </Card>
      )}
      {heartbeat.messages.length > 0 && (
        <Card title="Messages">
          <WaitingMessages messages={heartbeat.messages} />
        </Card>
      )}
    </div>
  );
}
