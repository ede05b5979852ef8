import { useSoul } from '../../../api/soul';
import { useMay } from '../../../api/session';
import { ErrorNote, Loading } from '../../../ui/Note';
import { Card } from '../../../ui/Page';
import { useThisAgent } from '../AgentPage';
import { History } from '../versions/History';
import { SoulEditor } from './SoulEditor';

/** Who the agent is: the text, and all that it ever was. */
export function SoulTab() {
  const agent = useThisAgent();
  const soul = useSoul(agent.id);
  const mayChange = useMay('operator');
  return (
    <div className="tab-body settings">
      <Card title="Soul">
        <p className="muted soul-lead">
          Voice, character and rules. Each turn begins with it; saving makes a new version.
        </p>
        {soul.isPending && <Loading rows={8} />}
        {soul.isError && <ErrorNote error={soul.error} onRetry={() => void soul.refetch()} />}
        {soul.data && <SoulEditor agent={agent} soul={soul.data} readOnly={!mayChange} />}
      </Card>
      <div className="settings-side">
        <History agent={agent} mayChange={mayChange} />
      </div>
    </div>
  );
}
