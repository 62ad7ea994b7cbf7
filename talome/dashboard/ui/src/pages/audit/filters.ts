/** What the list is narrowed to; it lives in the address, so that a view can be kept and sent. */
export interface Filters {
  actor?: string;
  operation?: string;
  outcome?: 'ok' | 'denied' | 'failed';
  /** Days in the reader's own time, as `<input type="date">` has them. */
  since?: string;
  until?: string;
}

const OUTCOMES = ['ok', 'denied', 'failed'];
const DAY = /^\d{4}-\d{2}-\d{2}$/;

const text = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 100) || undefined : undefined;

const day = (value: unknown): string | undefined =>
  typeof value === 'string' && DAY.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined;

/** Filters from an address that anybody may have typed. */
export function readFilters(search: Record<string, unknown>): Filters {
  const outcome = OUTCOMES.find((known) => known === search.outcome) as Filters['outcome'];
  const all: Filters = {
    actor: text(search.actor),
    operation: text(search.operation),
    outcome,
    since: day(search.since),
    until: day(search.until),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** The same for the server: whole days become moments, the last one included. */
export function asQuery({ since, until, operation, ...rest }: Filters) {
  const start = since ? new Date(`${since}T00:00:00`).toISOString() : undefined;
  const end = until ? new Date(`${until}T00:00:00`) : undefined;
  end?.setDate(end.getDate() + 1);
  const named = operation?.trim().replace(/\.$/, '');
  return { ...rest, ...(named && { operation: named }), ...(start && { since: start }), ...(end && { until: end.toISOString() }) };
}
