// The fields of the form, and the change that makes the stored org equal to them.
import type { Org, OrgChange } from '../../api/types';

export interface Fields {
  name: string;
  description: string;
  timeZone: string;
}

export function fieldsOf(org: Org): Fields {
  return { name: org.name, description: org.description ?? '', timeZone: org.timeZone ?? '' };
}

/** Only what differs, so that two people who change different fields do not undo each other's work. */
export function changeOf(before: Fields, after: Fields): OrgChange {
  const [name, description, timeZone] = [after.name.trim(), after.description.trim(), after.timeZone.trim()];
  const change: OrgChange = {};
  if (name !== before.name) change.name = name;
  if (description !== before.description) change.description = description || null;
  if (timeZone !== before.timeZone) change.timeZone = timeZone || null;
  return change;
}
