import { useEffect, useRef, useState } from 'react';
import { useTurn } from '../../../api/turns';
import type { TurnStep } from '../../../api/types';
import type { ToolCall } from '../../../live/turn';
import { ToolCalls } from './ToolCalls';

/** The tool calls of a stored reply, read when the reply comes into view. */
export function StoredTools({ turnId }: { turnId: string }) {
  const mark = useRef<HTMLDivElement>(null);
  const [isSeen, setSeen] = useState(false);
  const turn = useTurn(turnId, isSeen);

  useEffect(() => {
    const target = mark.current;
    if (!target || isSeen) return;
    const watch = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && setSeen(true));
    watch.observe(target);
    return () => watch.disconnect();
  }, [isSeen]);

  const calls = (turn.data?.steps ?? []).filter((step) => step.kind === 'tool').map(callOf);
  return <div ref={mark}>{calls.length > 0 && <ToolCalls calls={calls} />}</div>;
}

function callOf(step: TurnStep): ToolCall {
  const result = step.state === 'failed' ? (step.error ?? step.output) : step.output;
  return {
    id: String(step.index),
    name: step.name,
    ok: step.state !== 'failed',
    arguments: step.input,
    result,
    ...(typeof step.durationMs === 'number' && { durationMs: step.durationMs }),
  };
}
