const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** An id for a conversation that begins here. `crypto.randomUUID` is missing on plain http, this is not. */
export function newConversationId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `c-${[...bytes].map((byte) => LETTERS[byte % LETTERS.length]).join('')}`;
}
