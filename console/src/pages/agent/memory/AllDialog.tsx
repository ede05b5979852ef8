import { useState, type FormEvent } from 'react';
import { ApiError } from '../../../api/client';
import { Moved, useChangeMemory } from '../../../api/memory';
import type { JsonObject } from '../../../api/types';
import { mergeBoth, parseObject } from '../../../text/merge';
import { Button } from '../../../ui/Button';
import { Conflict } from '../../../ui/Conflict';
import { Dialog } from '../../../ui/Dialog';
import { TextArea } from '../../../ui/Field';
import { ErrorNote } from '../../../ui/Note';
import { useSay } from '../../../ui/Toasts';

interface AllProps {
  agentId: string;
  memory: JsonObject;
  onClose: () => void;
}

/** All entries in one JSON object, as they are to be. */
export function AllDialog({ agentId, memory, onClose }: AllProps) {
  // What the agent remembers goes on changing while the dialog is open.
  const [base, setBase] = useState(memory);
  const [text, setText] = useState(() => pretty(memory));
  const [problem, setProblem] = useState('');
  const change = useChangeMemory(agentId);
  const say = useSay();

  const save = (over: JsonObject, wanted: JsonObject) =>
    change.mutate(
      { base: over, wanted },
      {
        onSuccess: () => {
          say('Saved');
          onClose();
        },
      },
    );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (change.isPending) return;
    const parsed = parseObject(text);
    setProblem('problem' in parsed ? parsed.problem : '');
    if ('value' in parsed) save(base, parsed.value);
  };
  const take = (theirs: JsonObject) => {
    setBase(theirs);
    setText(pretty(theirs));
    change.reset();
  };

  const moved = change.error instanceof Moved ? change.error : null;
  const refused = change.error instanceof ApiError ? change.error.fields['memory'] : undefined;
  return (
    <Dialog title="All entries" onClose={onClose}>
      <form onSubmit={submit}>
        <div className="dialog-body stack">
          <TextArea
            label="Entries as a JSON object"
            rows={18}
            className="input mono"
            spellCheck={false}
            hint="Entries that you leave out are forgotten."
            value={text}
            error={problem || refused}
            onChange={(event) => setText(event.target.value)}
          />
          {moved && change.variables && (
            <Both
              message={moved.message}
              theirs={moved.theirs.memory}
              {...change.variables}
              onTake={take}
              onOverwrite={save}
            />
          )}
          {change.isError && !moved && <ErrorNote error={change.error} />}
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={change.isPending} disabled={moved !== null}>
            Save
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

interface BothProps {
  message: string;
  base: JsonObject;
  wanted: JsonObject;
  theirs: JsonObject;
  onTake: (theirs: JsonObject) => void;
  onOverwrite: (over: JsonObject, wanted: JsonObject) => void;
}

/** Mine over theirs, where both changed the same; what they did besides stays either way. */
function Both({ message, base, wanted, theirs, onTake, onOverwrite }: BothProps) {
  const { merged } = mergeBoth(base, wanted, theirs);
  return (
    <Conflict
      theirs={pretty(theirs)}
      mine={pretty(merged)}
      onTake={() => onTake(theirs)}
      onOverwrite={() => onOverwrite(theirs, merged)}
    >
      {message}
    </Conflict>
  );
}

function pretty(memory: JsonObject): string {
  return JSON.stringify(memory, null, 2);
}
