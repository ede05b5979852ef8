import type { Turn } from '../../../api/types';

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
            <pre tabIndex={0}>{message.content}</pre>
          </li>
        ))}
      </ul>
    </details>
  );
}
