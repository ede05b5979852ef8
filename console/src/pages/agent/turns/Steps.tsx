import type { Turn, TurnStep } from '../../../api/types';
import { count, duration, elapsed } from '../../../text/format';
import { Icon } from '../../../ui/Icon';
import { Json } from '../../../ui/Json';

/** The steps of a turn on a common time line. */
export function Steps({ turn }: { turn: Turn }) {
  const span = spanOf(turn);
  return (
    <section>
      <h3>Steps</h3>
      {turn.steps.length === 0 && <p className="muted">No step yet: the turn has not begun.</p>}
      <ol className="steps">
        {turn.steps.map((step) => (
          <li key={step.index}>
            <Step step={step} span={span} />
          </li>
        ))}
      </ol>
    </section>
  );
}

interface Span {
  from: number;
  length: number;
}

function Step({ step, span }: { step: TurnStep; span: Span }) {
  return (
    <details className={`step ${step.state}`}>
      <summary>
        <span className="step-name">
          {step.kind === 'tool' && <Icon name="tool" size={14} />}
          <span>{step.name || step.kind}</span>
        </span>
        <span className="step-bar" aria-hidden="true">
          <span className={step.kind} style={barOf(step, span)} />
        </span>
        <span className="step-time">{timeOf(step)}</span>
      </summary>
      <div className="step-body">
        <p className="muted">
          {step.kind} step {step.index}, {step.state}
          {step.attempts > 1 && `, ${step.attempts} attempts`}
          {step.usage && `, ${count(step.usage.inputTokens)} tokens in, ${count(step.usage.outputTokens)} out`}
        </p>
        {step.error != null && <Json label="Error" value={step.error} />}
        {step.input != null && <Json label={step.kind === 'tool' ? 'Arguments' : 'Input'} value={step.input} />}
        {step.output != null && <Json label={step.kind === 'tool' ? 'Result' : 'Output'} value={step.output} />}
      </div>
    </details>
  );
}

function timeOf(step: TurnStep): string {
  if (typeof step.durationMs === 'number') return duration(step.durationMs);
  return elapsed(step.startedAt, step.finishedAt);
}

function spanOf(turn: Turn): Span {
  const from = Date.parse(turn.startedAt ?? turn.createdAt);
  const to = turn.finishedAt ? Date.parse(turn.finishedAt) : Date.now();
  return { from, length: Math.max(1, to - from) };
}

function barOf(step: TurnStep, span: Span) {
  const start = Date.parse(step.startedAt);
  const end = step.finishedAt ? Date.parse(step.finishedAt) : start + (step.durationMs ?? span.length);
  const left = clamp((start - span.from) / span.length);
  const width = Math.max(0.015, clamp((end - start) / span.length));
  return {
    marginInlineStart: `${Math.min(left, 0.985) * 100}%`,
    width: `${Math.min(width, 1 - Math.min(left, 0.985)) * 100}%`,
  };
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
