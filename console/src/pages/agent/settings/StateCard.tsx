import { runsElsewhere, useReadiness } from '../../../api/agents';
import type { Agent } from '../../../api/types';
import { count } from '../../../text/format';
import { Card } from '../../../ui/Page';
import { Ago } from '../../../ui/Time';

export function StateCard({ agent }: { agent: Agent }) {
  const readiness = useReadiness(agent.id);
  return (
    <Card title="State">
      <dl className="facts single">
        <div>
          <dt>Environment</dt>
          <dd>
            {runsElsewhere(agent) ? 'elsewhere' : (readiness.data?.pod_status.replace('_', ' ') ?? '–')}
            {readiness.data?.reason && <small>{readiness.data.reason}</small>}
          </dd>
        </div>
        <div>
          <dt>Messages</dt>
          <dd>{count(agent.messageCount)}</dd>
        </div>
        <div>
          <dt>Definition</dt>
          <dd>version {agent.version}</dd>
        </div>
        <div>
          <dt>Source</dt>
          <dd>{agent.source}</dd>
        </div>
        <div>
          <dt>Created</dt>
          <dd>
            <Ago at={agent.createdAt} />
          </dd>
        </div>
        <div>
          <dt>Last seen</dt>
          <dd>
            <Ago at={agent.lastSeenAt} />
          </dd>
        </div>
      </dl>
    </Card>
  );
}
