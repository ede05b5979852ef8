import { useResources } from '../../../api/connectors';
import { useMay } from '../../../api/session';
import { ButtonLink } from '../../../ui/Button';
import { Empty } from '../../../ui/Note';
import { useThisConnector } from '../ConnectorPage';
import { QueryForm } from './QueryForm';
import { QueryHelp } from './QueryHelp';
import { ResourceList } from './ResourceList';
import { ResultView } from './ResultView';
import { useQueryDraft } from './useQueryDraft';
import { useRun } from './useRun';

/** What there is to ask for, the question, and what came back. */
export function QueryTab() {
  const { connector, type } = useThisConnector();
  const resources = useResources(connector.id, connector.enabled);
  const form = useQueryDraft(connector.id);
  const run = useRun(connector.id);
  if (!connector.enabled) return <Disabled />;
  return (
    <div className="tab-body query">
      <ResourceList
        list={resources}
        chosen={form.draft.resource}
        onChoose={(resource) => form.set({ resource: resource.name })}
      />
      <div className="query-main">
        <QueryForm form={form} run={run} resources={resources.data?.data ?? []} />
        <ResultView connector={connector} run={run} />
        {type && <QueryHelp type={type} isOpen={run.isIdle} />}
      </div>
    </div>
  );
}

function Disabled() {
  const mayManage = useMay('admin');
  return (
    <div className="tab-body">
      <Empty
        icon="data"
        title="This connector is disabled"
        action={mayManage && <ButtonLink to="settings">Settings</ButtonLink>}
      >
        It answers nobody until {mayManage ? 'you enable it' : 'an admin enables it'} again.
      </Empty>
    </div>
  );
}
