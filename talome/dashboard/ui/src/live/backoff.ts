const FIRST_MS = 500;
const LONGEST_MS = 20_000;

/** How long to wait before attempt `attempt` (0 = first): doubling, with jitter so that many tabs do not return at once. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
