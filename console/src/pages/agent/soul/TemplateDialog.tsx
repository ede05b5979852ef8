import { useId, useState } from 'react';
import type { Template } from '../../../api/types';
import { useTemplates } from '../../../api/soul';
import { Button } from '../../../ui/Button';
import { Dialog } from '../../../ui/Dialog';
import { ErrorNote, Loading } from '../../../ui/Note';

interface PickerProps {
  /** The editor holds a text, which the template's takes the place of. */
  replaces: boolean;
  onPick: (text: string) => void;
  onClose: () => void;
}

/** Choose a template, read it, and take its text into the editor; nothing is saved by that. */
export function TemplateDialog({ replaces, onPick, onClose }: PickerProps) {
  const templates = useTemplates();
  const [id, setId] = useState('');
  const chosen = templates.data?.find((template) => template.id === id) ?? templates.data?.[0];
  return (
    <Dialog title="Use a template" onClose={onClose}>
      <div className="dialog-body">
        {templates.isPending && <Loading rows={6} />}
        {templates.isError && <ErrorNote error={templates.error} onRetry={() => void templates.refetch()} />}
        {chosen && <Choices templates={templates.data ?? []} chosen={chosen} onChoose={setId} />}
      </div>
      <footer className="dialog-foot">
        {replaces && <p className="muted">Takes the place of the text in the editor.</p>}
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" disabled={!chosen} onClick={() => chosen && onPick(chosen.soul_content)}>
          Use this text
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
    <div className="templates">
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
      <pre className="template-text" tabIndex={0} aria-label={`Text of ${chosen.name}`}>
        {chosen.soul_content}
      </pre>
    </div>
  );
}
