import { useId, useState } from 'react';
import type { Template } from '../../api/types';
import { useTemplates } from '../../api/soul';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { ErrorNote, Loading } from '../../ui/Note';
import { TemplatePreview } from './TemplatePreview';

interface PickerProps {
  /** What taking a template does. */
  action: string;
  note: string;
  onPick: (template: Template) => void;
  onClose: () => void;
}

/** Choose a template, look at all that is in it, and take it over; nothing is saved by that. */
export function TemplateDialog({ action, note, onPick, onClose }: PickerProps) {
  const templates = useTemplates();
  const [id, setId] = useState('');
  const chosen = templates.data?.find((template) => template.id === id) ?? templates.data?.[0];
  return (
    <Dialog title="Use a template" onClose={onClose}>
      <div className="dialog-body">
        {templates.isPending && <Loading rows={6} />}
        {templates.isError && <ErrorNote error={templates.error} onRetry={() => void templates.refetch()} />}
        {chosen && (
          <div className="templates">
            <Choices templates={templates.data ?? []} chosen={chosen} onChoose={setId} />
            <TemplatePreview template={chosen} />
          </div>
        )}
      </div>
      <footer className="dialog-foot">
        <p className="muted">{note}</p>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" disabled={!chosen} onClick={() => chosen && onPick(chosen)}>
          {action}
        </Button>
      </footer>
    </Dialog>
  );
}

interface ChoicesProps {
  templates: Template[];
  chosen: Template;
  onChoose: (id: string) => void;
}

function Choices({ templates, chosen, onChoose }: ChoicesProps) {
  const group = useId();
  return (
    <fieldset className="template-list">
      <legend className="visually-hidden">Template</legend>
      {templates.map(({ id, name, description }) => (
        <label key={id}>
          <input type="radio" name={group} checked={id === chosen.id} onChange={() => onChoose(id)} />
          <span>
            <b>{name}</b>
            <small>{description}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
