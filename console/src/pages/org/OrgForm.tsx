import { useEffect, useMemo, useRef, type FormEvent } from 'react';
import { ApiError } from '../../api/client';
import { useUpdateOrg } from '../../api/org';
import type { Org } from '../../api/types';
import { Button } from '../../ui/Button';
import { TextArea, TextField } from '../../ui/Field';
import { ErrorNote } from '../../ui/Note';
import { useSay } from '../../ui/Toasts';
import { useDraft } from '../../ui/useDraft';
import { changeOf, fieldsOf } from './fields';
import { nowIn, ZONES } from './zones';

export function OrgForm({ org }: { org: Org }) {
  const stored = useMemo(() => fieldsOf(org), [org]);
  const form = useDraft(stored);
  const { draft, set } = form;
  const save = useUpdateOrg();
  const say = useSay();
  const element = useRef<HTMLFormElement>(null);
  const refused = save.error instanceof ApiError ? save.error.fields : {};

  useEffect(() => {
    if (save.isError) element.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [save.isError, save.error]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (save.isPending) return;
    const change = changeOf(form.base, draft);
    // What was typed may differ in white space only.
    if (Object.keys(change).length === 0) return form.begin(stored);
    save.mutate(change, {
      onSuccess: (changed) => {
        form.saved(draft, fieldsOf(changed));
        say('Saved');
      },
    });
  };

  return (
    <form ref={element} className="form" onSubmit={submit}>
      <TextField
        label="Name"
        required
        maxLength={100}
        autoComplete="off"
        hint="Stands above the menu."
        value={draft.name}
        error={refused['name']}
        onChange={(event) => set({ name: event.target.value })}
      />
      <TextArea
        label="Description"
        rows={3}
        maxLength={500}
        value={draft.description}
        error={refused['description']}
        onChange={(event) => set({ description: event.target.value })}
      />
      <TextField
        label="Time zone"
        list="time-zones"
        spellCheck={false}
        autoComplete="off"
        placeholder="Europe/Paris"
        hint={nowIn(draft.timeZone) || 'Type a city or a region. Empty: UTC.'}
        value={draft.timeZone}
        error={refused['timeZone']}
        onChange={(event) => set({ timeZone: event.target.value })}
      />
      <datalist id="time-zones">
        {ZONES.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      {save.isError && <ErrorNote error={save.error} />}
      <footer className="form-foot">
        {form.isDirty && <span className="muted">Not saved yet</span>}
        <Button disabled={!form.isDirty} onClick={() => form.begin(stored)}>
          Discard
        </Button>
        <Button type="submit" look="primary" busy={save.isPending} disabled={!form.isDirty}>
          Save
        </Button>
      </footer>
    </form>
  );
}
