/** Date headers have whole seconds and answers take a while; less than this says nothing. */
const TOLERANCE_MS = 5_000;

let aheadMs = 0;

/** Takes in what the server's clock said in an answer's `Date`; `now` is this device's clock. */
export function compareClocks(header: string | null, now: number = Date.now()): void {
  const server = Date.parse(header ?? '');
  if (Number.isNaN(server)) return;
  aheadMs = Math.abs(now - server) > TOLERANCE_MS ? now - server : 0;
}

/** The time on the server, so that “3 minutes ago” is right on a telephone whose clock is a day off. */
export const serverNow = (): number => Date.now() - aheadMs;
