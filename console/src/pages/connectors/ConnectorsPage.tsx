import { useState } from 'react';
import { useConnectors, useConnectorTypes } from '../../api/connectors';
import { useMay } from '../../api/session';
import type { ListedConnector } from '../../api/types';
import { ButtonLink } from '../../ui/Button';
import { Empty, ErrorNote, Loading } from '../../ui/Note';
import { Page } from '../../ui/Page';
import { ConnectorTable } from './ConnectorTable';
import { DeleteDialog } from './DeleteDialog';

/** The data sources that agents and people may query. */
export function ConnectorsPage() {
  const list = useConnectors();
  const types = useConnectorTypes();
  const [doomed, setDoomed] = useState<ListedConnector | null>(null);
  const mayManage = useMay('admin');
  const connectors = list.data?.connectors ?? [];
  const create = mayManage && (
    <ButtonLink to="/connectors/new" look="primary" icon="plus">
      New connector
    </ButtonLink>
  );
  return (
    <Page
      title="Connectors"
      lead="Data of other systems that agents and people may query, and never change."
      actions={create}
    >
      {list.isPending && <Loading boxed rows={5} />}
      {list.isError && <ErrorNote error={list.error} onRetry={() => void list.refetch()} />}
      {list.isSuccess && connectors.length === 0 && (
        <Empty icon="data" title="No connectors yet" action={create}>
          {mayManage
            ? 'Connect a database or a service, grant it to agents, and query it right here.'
            : 'Ask an admin to connect a database or a service.'}
        </Empty>
      )}
      {connectors.length > 0 && (
        <ConnectorTable
          connectors={connectors}
          types={types.data?.data ?? []}
          mayManage={mayManage}
          onDelete={setDoomed}
        />
      )}
      {doomed && <DeleteDialog connector={doomed} onClose={() => setDoomed(null)} />}
    </Page>
  );
}
