import type { ToolCall } from '../../../live/turn';
import { duration } from '../../../text/format';
import { Icon } from '../../../ui/Icon';
import { Json } from '../../../ui/Json';

/** What the agent did before it answered, folded in: one line per call. */
export function ToolCalls({ calls }: { calls: ToolCall[] }) {
  return (
    <ul className="tool-calls" aria-label="Tool calls">
      {calls.map((call) => (
        <li key={call.id}>
          <details className={call.ok === false ? 'bad' : ''}>
            <summary>
              <Icon name="tool" size={14} />
              <code>{call.name}</code>
              <span className="tool-gist">{gist(call)}</span>
              <span className="tool-state">{stateOf(call)}</span>
            </summary>
            <Json label="Arguments" value={call.arguments} />
            {call.result !== undefined && <Json label="Result" value={call.result} />}
          </details>
        </li>
      ))}
    </ul>
  );
}

function stateOf(call: ToolCall): string {
  if (call.ok === undefined) return 'running…';
  const took = call.durationMs === undefined ? '' : duration(call.durationMs);
  return call.ok ? took || 'done' : `failed ${took}`;
}

function gist(call: ToolCall): string {
  const text = JSON.stringify(call.arguments ?? {});
  return text === '{}' ? '' : text.slice(0, 160);
}
