/**
 * The session itself is an HttpOnly cookie that no script can read. Browsers send it to every port of the box, so the
 * server wants this proof beside it, which only pages of this origin can read. Without one there is no session here.
 */
const PROOF = 'talome.proof';
const REASON = 'talome.endedBecause';

export type EndReason = 'expired' | 'signed-out';

const storage = (): Storage | null => {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
};

let kept: string | null = null;

export const sessionProof = (): string | null => storage()?.getItem(PROOF) ?? kept;
export const hasSignedIn = (): boolean => sessionProof() !== null;

/** Where the browser keeps nothing, the session lasts as long as this page. */
export function keepProof({ proof, secondFactorDue }: { proof?: string | null; secondFactorDue?: boolean }): void {
  // Whoever has to set up a second factor begins where that is done.
  if (secondFactorDue) window.history.replaceState(null, '', '/account');
  if (!proof) return;
  kept = proof;
  storage()?.setItem(PROOF, proof);
}

/** A browser cannot add headers to a WebSocket; the proof is the second protocol that it offers. */
export function openSocket(url: string): WebSocket {
  const proof = sessionProof();
  return new WebSocket(url, proof === null ? ['talome'] : ['talome', `talome.proof.${proof}`]);
}

let ending = false;
let signingOut = false;

/** Signing out ends the live connection before the answer is here; that end is then not a surprise. */
export const expectSignOut = (expected: boolean): void => void (signingOut = expected);

/** Forgets the session in this tab and shows the sign-in page; the address stays, so signing in leads back to it. */
export function endSession(reason: EndReason): void {
  if (ending) return;
  ending = true;
  storage()?.removeItem(PROOF);
  storage()?.removeItem('talome.me');
  sessionStorage.setItem(REASON, signingOut ? 'signed-out' : reason);
  window.location.reload();
}

/** Why the last session ended, told once. */
export function takeEndReason(): EndReason | null {
  const reason = sessionStorage.getItem(REASON);
  sessionStorage.removeItem(REASON);
  return reason === 'expired' || reason === 'signed-out' ? reason : null;
}
