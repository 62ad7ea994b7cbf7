/**
 * The session itself is an HttpOnly cookie that no script can read. This mark only says that this browser has signed in,
 * so that a first visit shows the sign-in page at once instead of provoking a refusal.
 */
const MARK = 'talome.signedIn';
const REASON = 'talome.endedBecause';

export type EndReason = 'expired' | 'signed-out';

const storage = (): Storage | null => {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
};

export const hasSignedIn = (): boolean => storage()?.getItem(MARK) === '1';
export const markSignedIn = (): void => storage()?.setItem(MARK, '1');

let ending = false;
let signingOut = false;

/** Signing out ends the live connection before the answer is here; that end is then not a surprise. */
export const expectSignOut = (expected: boolean): void => void (signingOut = expected);

/** Forgets the session in this tab and shows the sign-in page; the address stays, so signing in leads back to it. */
export function endSession(reason: EndReason): void {
  if (ending) return;
  ending = true;
  storage()?.removeItem(MARK);
  sessionStorage.setItem(REASON, signingOut ? 'signed-out' : reason);
  window.location.reload();
}

/** Why the last session ended, told once. */
export function takeEndReason(): EndReason | null {
  const reason = sessionStorage.getItem(REASON);
  sessionStorage.removeItem(REASON);
  return reason === 'expired' || reason === 'signed-out' ? reason : null;
}
