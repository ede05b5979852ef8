/** The round number at or above `highest` where an axis ends; always even, so that its half is whole. */
export function topOf(highest: number): number {
  if (highest <= 2) return 2;
  if (highest <= 10) return 2 * Math.ceil(highest / 2);
  const power = 10 ** Math.floor(Math.log10(highest));
  const step = [1, 2, 4, 6, 8, 10].find((factor) => factor * power >= highest) ?? 10;
  return Math.max(2, step * power);
}
