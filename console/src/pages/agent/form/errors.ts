/** The API names a field by its path, sometimes by its last part only. */
export function errorFor(errors: Record<string, string>, field: string): string | undefined {
  const last = field.split('.').at(-1) ?? field;
  return errors[field] ?? errors[last] ?? nested(errors, field);
}

/** A fault inside a JSON field belongs to that field. */
function nested(errors: Record<string, string>, field: string): string | undefined {
  const path = Object.keys(errors).find((each) => each.startsWith(`${field}.`) && !OWN.includes(each));
  return path && `${path}: ${errors[path] ?? ''}`;
}

const OWN = ['configuration.model', 'configuration.timeout_seconds'];
