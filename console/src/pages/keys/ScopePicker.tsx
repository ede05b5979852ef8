import { SCOPES } from '../../api/keys';

interface PickerProps {
  chosen: string[];
  onChange: (scopes: string[]) => void;
  error: string | undefined;
}

/** Scopes by what they are about; none chosen means everything the role may. */
export function ScopePicker({ chosen, onChange, error }: PickerProps) {
  const toggle = (scope: string, on: boolean) =>
    onChange(on ? [...chosen, scope] : chosen.filter((each) => each !== scope));
  return (
    <fieldset className="scopes">
      <legend>Scopes</legend>
      <p className={error ? 'field-error' : 'field-hint'}>
        {error ??
          (chosen.length === 0 ? 'None chosen: the key may do everything its role may.' : 'The key may do only this.')}
      </p>
      <div className="scopes-grid">
        {groups().map(([subject, verbs]) => (
          <div key={subject} role="group" aria-label={subject}>
            <b>{subject}</b>
            {verbs.map((verb) => (
              <label key={verb} className="check">
                <input
                  type="checkbox"
                  checked={chosen.includes(`${subject}:${verb}`)}
                  onChange={(event) => toggle(`${subject}:${verb}`, event.target.checked)}
                />
                {verb}
              </label>
            ))}
          </div>
        ))}
      </div>
    </fieldset>
  );
}

function groups(): [string, string[]][] {
  const bySubject = new Map<string, string[]>();
  for (const scope of SCOPES) {
    const [subject = '', verb = ''] = scope.split(':');
    bySubject.set(subject, [...(bySubject.get(subject) ?? []), verb]);
  }
  return [...bySubject];
}
