/** What is wrong with a field: what the form found, else what the server said, which may leave out `settings.`. */
export function errorOf(
  problems: Record<string, string>,
  refused: Record<string, string>,
  field: string,
): string | undefined {
  const own = field.replace(/^settings\./, '');
  const inside = Object.keys(refused).find((each) => each.startsWith(`${field}.`) || each.startsWith(`${own}.`));
  return problems[own] ?? refused[field] ?? refused[own] ?? (inside && refused[inside]);
}
