// Moving the focus over the board, card by card.

export function focusTask(id: number): boolean {
  const card = document.querySelector<HTMLElement>(`[data-task="${id}"]`);
  card?.focus();
  return card !== null;
}

/** Up and down within a column, left and right to the nearest column that has a card. */
export function focusNear(card: HTMLElement, step: { x: number; y: number }): void {
  const columns = [...document.querySelectorAll<HTMLElement>('.board-column')].map(cardsOf);
  const at = columns.findIndex((cards) => cards.includes(card));
  const row = columns[at]?.indexOf(card) ?? 0;
  if (step.y !== 0) return columns[at]?.[row + step.y]?.focus();
  for (let to = at + step.x; to >= 0 && to < columns.length; to += step.x) {
    const cards = columns[to] ?? [];
    if (cards.length > 0) return cards[Math.min(row, cards.length - 1)]?.focus();
  }
}

function cardsOf(column: HTMLElement): HTMLElement[] {
  return [...column.querySelectorAll<HTMLElement>('[data-task]')];
}
