import { useState } from 'react';
import { isUnset, useSync, useSyncPreview } from '../../api/gateway';
import type { Sync } from '../../api/types';
import { plural } from '../../text/format';
import { Button } from '../../ui/Button';
import { Confirm } from '../../ui/Confirm';
import { Empty, ErrorNote, Loading } from '../../ui/Note';
import { Page } from '../../ui/Page';
import { useSay } from '../../ui/Toasts';
import { changesOf, summaryOf } from './changes';
import { SyncTable } from './SyncTable';

/** What the gateway's configuration file says, and what taking it over would change here. */
export function GatewayPage() {
  const preview = useSyncPreview();
  const [isAsking, setAsking] = useState(false);
  const hasChanges = preview.data !== undefined && changesOf(preview.data) > 0;
  return (
    <Page
      title="Gateway sync"
      lead="Takes the agents of the gateway’s configuration file into the registry."
      actions={
        <>
          <Button busy={preview.isFetching} onClick={() => void preview.refetch()}>
            Read the file again
          </Button>
          <Button look="primary" disabled={!hasChanges || preview.isError} onClick={() => setAsking(true)}>
            Apply
          </Button>
        </>
      }
    >
      {preview.isPending && <Loading boxed rows={5} />}
      {preview.isError && <Unreadable error={preview.error} />}
      {preview.data && !preview.isError && <Preview sync={preview.data} />}
      {isAsking && preview.data && <ApplyDialog sync={preview.data} onClose={() => setAsking(false)} />}
    </Page>
  );
}

function Unreadable({ error }: { error: unknown }) {
  if (isUnset(error)) {
    return (
      <Empty icon="gateway" title="No gateway is set up">
        Let <code>MUSTER_GATEWAY_CONFIG</code> name the gateway’s configuration file, and start the server again.
      </Empty>
    );
  }
  return (
    <div className="stack">
      <ErrorNote error={error} />
      <p className="lead">
        Nothing was changed. The server reads the file that <code>MUSTER_GATEWAY_CONFIG</code> names; correct it, then
        read it again.
      </p>
    </div>
  );
}

function Preview({ sync }: { sync: Sync }) {
  if (sync.agents.length === 0) {
    return (
      <Empty icon="gateway" title="The file names no agents">
        Add them under <code>agents.list</code> in the gateway’s configuration, then read it again.
      </Empty>
    );
  }
  return (
    <>
      <p className="sync-summary" role="status">
        {summaryOf(sync)}
      </p>
      <SyncTable agents={sync.agents} />
      {sync.missing.length > 0 && (
        <p className="lead sync-missing">
          Not in the file any more, and left as they are: {sync.missing.map(({ name }) => name).join(', ')}.
        </p>
      )}
    </>
  );
}

function ApplyDialog({ sync, onClose }: { sync: Sync; onClose: () => void }) {
  const apply = useSync();
  const say = useSay();
  const confirm = () =>
    apply.mutate(undefined, {
      onSuccess: (done) => {
        say(`Synced ${plural(done.synced, 'agent')}: ${done.created} created, ${done.updated} updated`);
        onClose();
      },
    });
  return (
    <Confirm
      title="Apply the sync?"
      action="Apply"
      look="primary"
      busy={apply.isPending}
      error={apply.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <p>{summaryOf(sync)} Agents that the file does not name stay as they are.</p>
    </Confirm>
  );
}
