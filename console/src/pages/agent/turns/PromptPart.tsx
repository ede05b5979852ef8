import type { PromptMessage, Turn } from '../../../api/types';

/** What the model was sent, folded in: prompts are long. */
export function PromptPart({ prompt }: { prompt: Turn['prompt'] }) {
  if (!prompt) return null;
  return (
    <details className="prompt">
      <summary>
        <h3>Prompt</h3>
      </summary>
      <ul className="prompt-messages">
        {prompt.system && (
          <li>
            <span className="role">system</span>
            <pre tabIndex={0}>{prompt.system}</pre>
          </li>
        )}
        {prompt.messages.map((message, index) => (
          <li key={index}>
            <span className="role">{message.role}</span>
            <pre tabIndex={0}>{textOf(message)}</pre>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Plain text as it is; whatever else the message carries (tool calls, parts) as JSON. */
function textOf({ role: _role, content, ...others }: PromptMessage): string {
  const said = typeof content === 'string' ? content : content == null ? '' : JSON.stringify(content, null, 2);
  const more = Object.keys(others).length > 0 ? JSON.stringify(others, null, 2) : '';
  return [said, more].filter(Boolean).join('\n');
}
