import type { Turn } from '../../../api/types';
import { count, duration, elapsed, moment, money } from '../../../text/format';
import { Fact } from '../../../ui/Facts';

export function TurnFacts({ turn }: { turn: Turn }) {
  const { usage } = turn;
  return (
    <dl className="facts">
      <Fact name="Model">{turn.model || 'default'}</Fact>
      <Fact name="Queued at">{moment(turn.createdAt)}</Fact>
      <Fact name="Waited">{elapsed(turn.createdAt, turn.startedAt)}</Fact>
      <Fact name="Took">{elapsed(turn.startedAt, turn.finishedAt)}</Fact>
      <Fact name="Input tokens">
        {count(usage.inputTokens)}
        {usage.cachedInputTokens > 0 && <small> ({count(usage.cachedInputTokens)} cached)</small>}
      </Fact>
      <Fact name="Output tokens">{count(usage.outputTokens)}</Fact>
      <Fact name="Model time">{duration(usage.modelMs)}</Fact>
      {typeof usage.costUsd === 'number' && <Fact name="Cost">{money(usage.costUsd)}</Fact>}
      <Fact name="Attempts">{turn.attempt}</Fact>
      {turn.definitionVersion != null && <Fact name="Definition">version {turn.definitionVersion}</Fact>}
    </dl>
  );
}
