import { useState } from 'react';
import type { Agent, Version } from '../../../api/types';
import { useVersions } from '../../../api/versions';
import { Badge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { MorePages } from '../../../ui/MorePages';
import { ErrorNote, Loading } from '../../../ui/Note';
import { Card } from '../../../ui/Page';
import { Ago } from '../../../ui/Time';
import { whatChanged } from './fields';
import { VersionDialog } from './VersionDialog';

/** Every version of the agent's definition, newest first. */
export function History({ agent, mayChange }: { agent: Agent; mayChange: boolean }) {
  const list = useVersions(agent.id);
  const [shown, setShown] = useState(0);
  const versions = list.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Card title="History">
      {list.isPending && <Loading rows={4} />}
      {list.isError && <ErrorNote error={list.error} onRetry={() => void list.refetch()} />}
      {list.isSuccess && versions.length === 0 && <p className="muted">Every change will be listed here.</p>}
      <ol className="history">
        {versions.map((version) => (
          <li key={version.version}>
            <Entry
              version={version}
              isCurrent={version.version === agent.version}
              onShow={() => setShown(version.version)}
            />
          </li>
        ))}
      </ol>
      <MorePages list={list} label="Older versions" />
      {shown > 0 && (
        <VersionDialog
          key={shown}
          agent={agent}
          version={shown}
          current={agent.version}
          mayChange={mayChange}
          onClose={() => setShown(0)}
        />
      )}
    </Card>
  );
}

interface EntryProps {
  version: Version;
  isCurrent: boolean;
  onShow: () => void;
}

function Entry({ version, isCurrent, onShow }: EntryProps) {
  const { actor } = version;
  return (
    <>
      <span className="history-head">
        <b>Version {version.version}</b>
        {isCurrent && <Badge tone="good">current</Badge>}
        <Ago at={version.createdAt} />
      </span>
      <span className="history-what">
        {whatChanged(version)}
        <span className="muted"> by {actor.name || actor.kind}</span>
      </span>
      <Button small aria-label={`Look at version ${version.version}`} onClick={onShow}>
        Look
      </Button>
    </>
  );
}
