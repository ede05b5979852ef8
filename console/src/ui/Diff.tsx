import { useMemo, useState } from 'react';
import { countChanges, differ, fold, type Line, type Run } from '../text/lines';
import { plural } from '../text/format';

/** Two texts line by line: what went, what came, and a little of what stands around it. */
export function Diff({ before, after, label }: { before: string; after: string; label: string }) {
  const lines = useMemo(() => differ(before, after), [before, after]);
  const { added, removed } = countChanges(lines);
  if (added + removed === 0) return <p className="muted">No difference.</p>;
  return (
    <figure className="diff">
      <figcaption>
        {label}
        <span>
          <span className="visually-hidden">{`${plural(added, 'line')} added, ${plural(removed, 'line')} removed`}</span>
          <span aria-hidden="true">
            <span className="diff-added">+{added}</span> <span className="diff-removed">−{removed}</span>
          </span>
        </span>
      </figcaption>
      <div className="diff-lines" tabIndex={0} role="region" aria-label={label}>
        {fold(lines).map((run, index) => (
          <Part key={index} run={run} />
        ))}
      </div>
    </figure>
  );
}

function Part({ run }: { run: Run }) {
  const [isOpen, setOpen] = useState(false);
  if (run.kind === 'folded' && !isOpen) {
    return (
      <button type="button" className="diff-fold" onClick={() => setOpen(true)}>
        {plural(run.lines.length, 'unchanged line')}
      </button>
    );
  }
  return run.lines.map((line, index) => <Row key={index} line={line} />);
}

/** Screen readers tell <ins> and <del> apart; the signs are for everybody else. */
function Row({ line }: { line: Line }) {
  const Tag = line.kind === 'added' ? 'ins' : line.kind === 'removed' ? 'del' : 'span';
  return (
    <Tag className={`diff-line ${line.kind}`}>
      <span aria-hidden="true">{SIGN[line.kind]}</span>
      {line.text || ' '}
    </Tag>
  );
}

const SIGN = { same: ' ', added: '+', removed: '−' };
