// Whether somebody may be signed in with this browser. The cookie of the session is hidden from pages, so a mark beside
// it says whether asking is worth it: the server writes down every request that it refuses.

const MARK = 'muster-signed-in';

/** Storage that is switched off tells nothing, so the server is asked. */
export function mayBeSignedIn(): boolean {
  try {
    return localStorage.getItem(MARK) !== null;
  } catch {
    return true;
  }
}

export function markSignedIn(isIn: boolean): void {
  try {
    if (isIn) localStorage.setItem(MARK, 'yes');
    else localStorage.removeItem(MARK);
  } catch {
    // Without storage the server is asked each time.
  }
}
