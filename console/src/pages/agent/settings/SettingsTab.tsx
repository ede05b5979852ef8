import { runsElsewhere, useDefinition } from '../../../api/agents';
import { useMay } from '../../../api/session';
import { ErrorNote, Loading } from '../../../ui/Note';
import { Card } from '../../../ui/Page';
import { useThisAgent } from '../AgentPage';
import { BalanceCard } from './BalanceCard';
import { DefinitionForm } from './DefinitionForm';
import { DeleteCard } from './DeleteCard';
import { StateCard } from './StateCard';

export function SettingsTab() {
  const agent = useThisAgent();
  const definition = useDefinition(agent.id);
  const mayChange = useMay('operator');
  return (
    <div className="tab-body settings">
      <div className="settings-main">
        {definition.isPending && <Loading rows={8} />}
        {definition.isError && <ErrorNote error={definition.error} onRetry={() => void definition.refetch()} />}
        {definition.data && (
          <Card title="Definition">
            <DefinitionForm agent={definition.data} source={agent.source} readOnly={!mayChange} />
          </Card>
        )}
      </div>
      <div className="settings-side">
        {!runsElsewhere(agent) && <BalanceCard agent={agent} mayChange={mayChange} />}
        <StateCard agent={agent} />
        {mayChange && <DeleteCard agent={agent} />}
      </div>
    </div>
  );
}
