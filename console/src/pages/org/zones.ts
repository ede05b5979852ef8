/** The time zones that this browser knows, as suggestions: the server decides. */
export const ZONES: readonly string[] = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

const CLOCK = { weekday: 'long', hour: 'numeric', minute: '2-digit' } as const;

/** What the clocks of a zone say, or nothing when there is no such zone. */
export function nowIn(zone: string, now = new Date()): string {
  if (!zone.trim()) return '';
  try {
    const clock = new Intl.DateTimeFormat(undefined, { ...CLOCK, timeZone: zone.trim() });
    return `It is ${clock.format(now)} there.`;
  } catch {
    return '';
  }
}
