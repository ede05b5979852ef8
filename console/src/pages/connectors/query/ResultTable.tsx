import { memo, useState } from 'react';
import type { Answer } from '../../../api/types';
import { cellText, wholeRow, type Table } from '../../../text/table';
import { plural } from '../../../text/format';
import { Button } from '../../../ui/Button';
import { Dialog } from '../../../ui/Dialog';
import { Json } from '../../../ui/Json';

/** Longer texts are cut in the table; the row shows them in full. */
const CELL = 160;
/** Rows that are drawn at once; the files have all. */
const SHOWN = 500;

/** Scrolls both ways by itself; a row's number opens all of the row. */
export function ResultTable({ answer, table }: { answer: Answer; table: Table }) {
  const [opened, setOpened] = useState<number | null>(null);
  const [shown, setShown] = useState(SHOWN);
  return (
    <>
      <div className="table-wrap result-scroll" tabIndex={0} role="region" aria-label="Result table">
        <table className="table result-table">
          <thead>
            <tr>
              <th scope="col">
                <span className="visually-hidden">Row</span>
              </th>
              {table.columns.map((column, at) => (
                <th key={`${at} ${column}`} scope="col" className={isNumeric(table, at) ? 'number' : ''}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.slice(0, shown).map((row, index) => (
              <Row key={index} row={row} index={index} onOpen={setOpened} />
            ))}
          </tbody>
        </table>
      </div>
      {table.rows.length > shown && (
        <div className="more-pages">
          <Button onClick={() => setShown(shown + SHOWN)}>Show more of {plural(table.rows.length, 'row')}</Button>
        </div>
      )}
      {table.left > 0 && (
        <p className="muted result-left">{table.left} more fields have no column; open a row to see them.</p>
      )}
      {opened !== null && (
        <Dialog title={`Row ${opened + 1}`} place="side" onClose={() => setOpened(null)}>
          <div className="dialog-body">
            <Json label="Row" value={wholeRow(answer, opened)} />
          </div>
        </Dialog>
      )}
    </>
  );
}

interface RowProps {
  row: unknown[];
  index: number;
  onOpen: (index: number) => void;
}

const Row = memo(function Row({ row, index, onOpen }: RowProps) {
  return (
    <tr>
      <td className="row-number">
        <button type="button" aria-label={`Open row ${index + 1}`} onClick={() => onOpen(index)}>
          {index + 1}
        </button>
      </td>
      {row.map((value, at) => (
        <Cell key={at} value={value} />
      ))}
    </tr>
  );
});

function Cell({ value }: { value: unknown }) {
  if (value === undefined) return <td />;
  if (value === null) return <td className="cell-null">null</td>;
  const text = cellText(value);
  const shown = text.length > CELL ? `${text.slice(0, CELL)}…` : text;
  if (typeof value === 'number') return <td className="number">{shown}</td>;
  if (typeof value === 'string') return <td title={text.length > 40 ? text.slice(0, 1000) : undefined}>{shown}</td>;
  return (
    <td className="mono" title={text.slice(0, 1000)}>
      {shown}
    </td>
  );
}

function isNumeric(table: Table, at: number): boolean {
  const first = table.rows.find((row) => row[at] !== null && row[at] !== undefined);
  return typeof first?.[at] === 'number';
}
