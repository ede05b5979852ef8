import { rank, useSession } from '../../api/session';
import type { Role } from '../../api/types';
import { SelectField } from '../../ui/Field';

const MEANING: Record<Role, string> = {
  viewer: 'Sees everything but access, changes nothing.',
  operator: 'Creates, changes and talks to agents.',
  admin: 'Also manages users and API keys.',
  owner: 'Also manages admins and owners.',
};

const ROLES = Object.keys(MEANING) as Role[];

interface RoleFieldProps {
  value: Role;
  error: string | undefined;
  onChange: (role: Role) => void;
}

/** Nobody gives a role above their own. */
export function RoleField({ value, error, onChange }: RoleFieldProps) {
  const me = useSession();
  const offered = ROLES.filter((role) => rank(role) <= rank(me.role) || role === value);
  return (
    <SelectField
      label="Role"
      value={value}
      hint={MEANING[value]}
      error={error}
      onChange={(event) => onChange(event.target.value as Role)}
    >
      {offered.map((role) => (
        <option key={role}>{role}</option>
      ))}
    </SelectField>
  );
}
