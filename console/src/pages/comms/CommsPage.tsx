import { useState } from 'react';
import { useMay } from '../../api/session';
import { AgentFilter } from '../../ui/AgentFilter';
import { Button } from '../../ui/Button';
import { Choice } from '../../ui/Field';
import { Page } from '../../ui/Page';
import { useFilters } from '../../ui/useFilters';
import { ComposeDialog } from './ComposeDialog';
import { GraphView } from './GraphView';
import { ThreadView } from './ThreadView';

type View = 'thread' | 'graph';

/** What agents say to each other, to be read or to be looked at as a whole. */
export function CommsPage() {
  const filters = useFilters();
  const [isWriting, setWriting] = useState(false);
  const mayWrite = useMay('operator');
  const agent = filters.get('agent');
  const setAgent = (name: string) => filters.set('agent', name);
  const view: View = filters.get('view') === 'graph' ? 'graph' : 'thread';
  const write = mayWrite && (
    <Button look="primary" icon="send" onClick={() => setWriting(true)}>
      New message
    </Button>
  );
  return (
    <Page title="Comms" lead="What agents say to each other." actions={write}>
      <form className="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <AgentFilter label="Agent" placeholder="All" value={agent} onCommit={setAgent} />
        <div className="filter view-choice">
          <Choice
            compact
            legend="Show as"
            value={view}
            onChange={(chosen) => filters.set('view', chosen === 'graph' ? 'graph' : '')}
            options={[
              { value: 'thread', label: 'Thread' },
              { value: 'graph', label: 'Graph' },
            ]}
          />
        </div>
      </form>
      {view === 'graph' ? (
        <GraphView agent={agent} onClear={() => setAgent('')} />
      ) : (
        <ThreadView agent={agent} write={write} onClear={() => setAgent('')} />
      )}
      {isWriting && <ComposeDialog to={agent} onClose={() => setWriting(false)} />}
    </Page>
  );
}
