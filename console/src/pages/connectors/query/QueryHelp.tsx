import type { ConnectorType } from '../../../api/types';
import { Markdown } from '../../../ui/Markdown';

/** How this type of source is asked. */
export function QueryHelp({ type, isOpen }: { type: ConnectorType; isOpen: boolean }) {
  return (
    <details className="card query-help" open={isOpen || undefined}>
      <summary>How to ask {type.title}</summary>
      <Markdown text={type.queryForm} />
    </details>
  );
}
