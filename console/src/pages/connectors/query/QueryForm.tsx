import { useId, type FormEvent, type KeyboardEvent } from 'react';
import { ApiError } from '../../../api/client';
import type { Resource } from '../../../api/types';
import { count } from '../../../text/format';
import { Button } from '../../../ui/Button';
import { TextArea, TextField } from '../../../ui/Field';
import { ParamRows } from './ParamRows';
import { RecentMenu } from './RecentMenu';
import { bodyOf, LIMITS, type QueryForm as Form } from './useQueryDraft';
import type { Run } from './useRun';

interface QueryFormProps {
  form: Form;
  run: Run;
  resources: Resource[];
}

/** Resource, query and parameters. Ctrl or ⌘ and Enter asks. */
export function QueryForm({ form, run, resources }: QueryFormProps) {
  const { draft, set, remember } = form;
  const names = useId();
  const isEmpty = !draft.resource.trim() && !draft.query.trim();
  const refused = run.error instanceof ApiError ? run.error.fields : {};

  const ask = () => {
    if (isEmpty || run.isPending) return;
    remember();
    run.start(bodyOf(draft));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    ask();
  };

  return (
    <form className="card query-form" onSubmit={submit} onKeyDown={onKeyDown}>
      <TextField
        label="Resource"
        list={names}
        autoComplete="off"
        spellCheck={false}
        className="input mono"
        value={draft.resource}
        error={refused['resource']}
        onChange={(event) => set({ resource: event.target.value })}
      />
      <datalist id={names}>
        {resources.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <TextArea
        label="Query"
        rows={5}
        className="input mono"
        spellCheck={false}
        autoCapitalize="off"
        value={draft.query}
        error={refused['query']}
        onChange={(event) => set({ query: event.target.value })}
      />
      <ParamRows params={draft.params} errors={refused} onChange={(params) => set({ params })} />
      <footer className="query-bar">
        <RecentMenu asked={form.asked} onChoose={set} />
        <label className="query-limit">
          Up to
          <select
            className="input"
            value={draft.limit}
            onChange={(event) => set({ limit: Number(event.target.value) })}
          >
            {LIMITS.map((limit) => (
              <option key={limit} value={limit}>
                {count(limit)} rows
              </option>
            ))}
          </select>
        </label>
        <kbd>Ctrl + Enter</kbd>
        {run.isPending ? (
          <Button icon="stop" onClick={run.cancel}>
            Cancel
          </Button>
        ) : (
          <Button type="submit" look="primary" icon="play" disabled={isEmpty}>
            Run
          </Button>
        )}
      </footer>
    </form>
  );
}
