/** The initials of a name on a colour that is always the same for it. */
export function Avatar({ name, large }: { name: string; large?: boolean }) {
  return (
    <span className={`avatar hue-${hueOf(name)} ${large ? 'large' : ''}`} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}

const HUES = 8;

export function hueOf(name: string): number {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return sum % HUES;
}

/** `Support desk` as `SD`, `Ann` as `A`. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s._-]+/).filter(Boolean);
  const letters = words.slice(0, 2).map((word) => [...word][0] ?? '');
  return letters.join('').toUpperCase() || '?';
}
