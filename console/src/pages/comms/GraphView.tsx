import { useMemo } from 'react';
import { useCommsGraph } from '../../api/comms';
import type { CommsEdge } from '../../api/types';
import { count, fromUnix, plural } from '../../text/format';
import { isNoSuchAgent, NoSuchAgent } from '../../ui/AgentFilter';
import { Empty, ErrorNote, Loading } from '../../ui/Note';
import { Card } from '../../ui/Page';
import { Ago } from '../../ui/Time';
import { draw, edgesOf } from './graph';
import { GraphPicture } from './GraphPicture';
import { namesOf, TalkerLink } from './TalkerLink';

/** Who talks to whom, as a picture and as a table that says the same. */
export function GraphView({ agent, onClear }: { agent: string; onClear: () => void }) {
  const graph = useCommsGraph(agent);
  const edges = useMemo(() => (graph.data ? edgesOf(graph.data) : []), [graph.data]);
  const picture = useMemo(() => draw(edges), [edges]);
  const agents = useMemo(() => namesOf(graph.data), [graph.data]);
  if (graph.isPending) return <Loading rows={8} />;
  if (isNoSuchAgent(graph.error)) return <NoSuchAgent name={agent} onClear={onClear} />;
  if (graph.isError) return <ErrorNote error={graph.error} onRetry={() => void graph.refetch()} />;
  if (edges.length === 0) {
    return (
      <Empty icon="comms" title={agent ? `${agent} has talked to nobody` : 'Nobody has talked yet'}>
        {agent ? 'Nobody has written to it yet.' : 'A line appears when one agent writes to another.'}
      </Empty>
    );
  }
  return (
    <div className="graph-view">
      <Card title="Who talks to whom">
        <GraphPicture picture={picture} agents={agents} />
        {picture.left > 0 && (
          <p className="muted">{plural(picture.left, 'agent')} more in the table, who talked less than these.</p>
        )}
      </Card>
      <EdgeTable edges={edges} agents={agents} />
    </div>
  );
}

function EdgeTable({ edges, agents }: { edges: CommsEdge[]; agents: ReadonlySet<string> }) {
  return (
    <div className="table-wrap">
      <table className="table">
        <caption className="visually-hidden">Who talks to whom, the most first</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col" className="number">
              Messages
            </th>
            <th scope="col" className="number">
              Last
            </th>
          </tr>
        </thead>
        <tbody>
          {edges.map((edge) => (
            <tr key={`${edge.from_agent} ${edge.to_agent}`}>
              <th scope="row" className="cell-name">
                <TalkerLink name={edge.from_agent} agents={agents} />
              </th>
              <td className="cell-name">
                <TalkerLink name={edge.to_agent} agents={agents} />
              </td>
              <td className="number">{count(edge.message_count)}</td>
              <td className="number muted">
                <Ago at={fromUnix(edge.last_message_at)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
