import { useOrgFacts } from '../../api/org';
import type { Org } from '../../api/types';
import { CopyButton } from '../../ui/Copy';
import { ErrorNote, Loading } from '../../ui/Note';
import { Card, Page } from '../../ui/Page';
import { Ago } from '../../ui/Time';
import { OrgForm } from './OrgForm';

export function OrgPage() {
  const org = useOrgFacts();
  return (
    <Page title="Organization" lead="Who this server works for." narrow>
      {org.isPending && <Loading rows={5} />}
      {org.isError && <ErrorNote error={org.error} onRetry={() => void org.refetch()} />}
      {org.data && (
        <div className="stack">
          <OrgForm org={org.data} />
          <Facts org={org.data} />
        </div>
      )}
    </Page>
  );
}

function Facts({ org }: { org: Org }) {
  return (
    <Card title="Details">
      <dl className="facts single">
        <div>
          <dt>Id, as it stands in API paths</dt>
          <dd className="agent-id mono">
            {org.id}
            <CopyButton bare text={org.id} label="Copy the id" />
          </dd>
        </div>
        <div>
          <dt>Switched on</dt>
          <dd>{org.features.length > 0 ? org.features.join(', ') : 'nothing beyond the basics'}</dd>
        </div>
        <div>
          <dt>Created</dt>
          <dd>
            <Ago at={org.createdAt} />
          </dd>
        </div>
        <div>
          <dt>Changed</dt>
          <dd>
            <Ago at={org.updatedAt} />
          </dd>
        </div>
      </dl>
    </Card>
  );
}
