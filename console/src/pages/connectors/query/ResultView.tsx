import { useMemo, useState } from 'react';
import { ApiError } from '../../../api/client';
import type { Answer, ListedConnector } from '../../../api/types';
import { download, fileName } from '../../../text/download';
import { count, duration, plural } from '../../../text/format';
import { countOf, tableOf, toCsv, toJson } from '../../../text/table';
import { Badge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { Choice } from '../../../ui/Field';
import { Icon } from '../../../ui/Icon';
import { Json } from '../../../ui/Json';
import { Loading, messageOf } from '../../../ui/Note';
import { ResultTable } from './ResultTable';
import type { Run } from './useRun';

/** What came of the question: rows, documents, nothing, or why not. */
export function ResultView({ connector, run }: { connector: ListedConnector; run: Run }) {
  if (run.isPending) return <Loading boxed rows={6} />;
  if (run.error) return <Failed error={run.error} />;
  if (!run.answer) return null;
  return <Result connector={connector} answer={run.answer} />;
}

function Failed({ error }: { error: Error }) {
  return (
    <div className="note bad query-failed" role="alert">
      <Icon name="warn" />
      <div>
        <p>
          <b>{titleOf(error)}</b>
        </p>
        <p className="query-reason">{messageOf(error)}</p>
        {error instanceof ApiError && error.requestId && <p className="note-small">Request {error.requestId}</p>}
      </div>
    </div>
  );
}

function titleOf(error: Error): string {
  if (!(error instanceof ApiError)) return 'The query failed';
  if (error.code === 'connector.timeout') return 'The source took too long';
  if (error.code === 'connector.failed') return 'The source failed';
  return error.status === 400 ? 'The query was refused' : 'The query failed';
}

type Shape = 'table' | 'json';

function Result({ connector, answer }: { connector: ListedConnector; answer: Answer }) {
  const [shape, setShape] = useState<Shape>('table');
  const table = useMemo(() => tableOf(answer), [answer]);
  const total = countOf(answer);
  const name = fileName(connector.name);
  return (
    <section className="result" aria-label="Result">
      <header className="result-head">
        <p role="status">
          <b>{plural(total, table.isOfItems ? 'item' : 'row')}</b>
          <span className="muted"> in {duration(answer.elapsedMs)}</span>
          {answer.truncated && <Badge tone="busy">cut off</Badge>}
        </p>
        <div className="result-tools">
          {total > 0 && (
            <>
              <Choice
                compact
                legend="Show as"
                value={shape}
                onChange={setShape}
                options={[
                  { value: 'table', label: 'Table' },
                  { value: 'json', label: 'JSON' },
                ]}
              />
              <Button small icon="load" onClick={() => download(`${name}.csv`, 'text/csv;charset=utf-8', toCsv(table))}>
                CSV
              </Button>
              <Button small icon="load" onClick={() => download(`${name}.json`, 'application/json', toJson(answer))}>
                JSON
              </Button>
            </>
          )}
        </div>
      </header>
      {answer.truncated && (
        <p className="note busy">
          There is more: only the first {count(total)} came through. Narrow the query to see the rest.
        </p>
      )}
      {total === 0 && <p className="result-none">The source answered, and there is nothing that fits.</p>}
      {total > 0 && shape === 'table' && <ResultTable answer={answer} table={table} />}
      {total > 0 && shape === 'json' && <Json label="Answer" value={toJson(answer)} />}
    </section>
  );
}
