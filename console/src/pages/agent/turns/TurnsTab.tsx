import { useSearchParams } from 'react-router';
import { runsElsewhere } from '../../../api/agents';
import { useTurns } from '../../../api/turns';
import type { TurnSummary } from '../../../api/types';
import { count, elapsed, money } from '../../../text/format';
import { TurnBadge } from '../../../ui/Badge';
import { MorePages } from '../../../ui/MorePages';
import { Empty, ErrorNote, Loading } from '../../../ui/Note';
import { Ago } from '../../../ui/Time';
import { useThisAgent } from '../AgentPage';
import { InspectLink } from './InspectLink';

const STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'];

export function TurnsTab() {
  const agent = useThisAgent();
  const [params, setParams] = useSearchParams();
  const state = params.get('state') ?? '';
  const list = useTurns({ agent: agent.id, state });
  const turns = list.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <div className="tab-body">
      <form className="filters" onSubmit={(event) => event.preventDefault()}>
        <label className="filter">
          <span>State</span>
          <select
            className="input"
            value={state}
            onChange={(event) => setParams(event.target.value ? { state: event.target.value } : {}, { replace: true })}
          >
            <option value="">Any</option>
            {STATES.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      </form>
      {list.isPending && <Loading boxed rows={6} />}
      {list.isError && <ErrorNote error={list.error} onRetry={() => void list.refetch()} />}
      {list.isSuccess && turns.length === 0 && (
        <Empty icon="events" title={state ? `No ${state} turns` : 'No turns yet'}>
          {runsElsewhere(agent)
            ? 'This agent runs elsewhere: what it does there is no turn here.'
            : 'A turn begins when the agent takes up a message. Send one in the chat.'}
        </Empty>
      )}
      {turns.length > 0 && <TurnTable turns={turns} />}
      <MorePages list={list} label="Load older turns" />
    </div>
  );
}

function TurnTable({ turns }: { turns: TurnSummary[] }) {
  return (
    <div className="table-wrap">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Queued</th>
            <th scope="col" className="number">
              Took
            </th>
            <th scope="col" className="from-wide">
              Model
            </th>
            <th scope="col" className="from-medium number">
              Tokens in
            </th>
            <th scope="col" className="from-medium number">
              Tokens out
            </th>
            <th scope="col" className="from-wide number">
              Cost
            </th>
            <th scope="col">
              <span className="visually-hidden">Inspect</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {turns.map((turn) => (
            <tr key={turn.id}>
              <td>
                <TurnBadge state={turn.state} />
                {turn.error && <small className="turn-error">{turn.error.code}</small>}
              </td>
              <td>
                <Ago at={turn.createdAt} />
              </td>
              <td className="number">{elapsed(turn.startedAt, turn.finishedAt)}</td>
              <td className="from-wide mono">{turn.model || 'default'}</td>
              <td className="from-medium number">{count(turn.usage.inputTokens)}</td>
              <td className="from-medium number">{count(turn.usage.outputTokens)}</td>
              <td className="from-wide number">
                {typeof turn.usage.costUsd === 'number' ? money(turn.usage.costUsd) : '–'}
              </td>
              <td className="cell-actions">
                <InspectLink turnId={turn.id} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
