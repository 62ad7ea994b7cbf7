import { ApiError } from '@/api/errors';
import { t } from '@/i18n';

export interface Explanation {
  /** What happened, when the place that shows it has no better sentence. */
  what: string;
  why: string | null;
  advice: string;
  /** Seconds after which trying again makes sense. */
  waitS: number | null;
}

const sentence = (text: string) => (/[.!?…]$/.test(text) ? text : `${text}.`);

/** The browser could not load a part of the dashboard: almost always because the server was updated meanwhile. */
const isOutdated = (error: unknown) =>
  error instanceof TypeError && /dynamically imported module|Importing a module|module script/i.test(error.message);

/** What happened, why, and what to do, in words for any error. */
export function explain(error: unknown): Explanation {
  if (error instanceof ApiError) return explainApi(error);
  if (isOutdated(error)) return { what: t('error.outdated'), why: null, advice: t('error.outdatedDo'), waitS: null };
  const why = error instanceof Error && error.message !== '' ? sentence(error.message) : null;
  return { what: t('error.page'), why, advice: t('error.pageDo'), waitS: null };
}

function explainApi(error: ApiError): Explanation {
  const why = sentence(error.message);
  const waitS = error.retryAfterS;
  if (error.unreachable) {
    return { what: t('error.unreachable'), why: t('error.unreachableWhy'), advice: t('error.unreachableDo'), waitS };
  }
  if (error.status === 403) return { what: t('error.forbidden'), why, advice: t('error.forbiddenDo'), waitS };
  if (error.status === 429) {
    return { what: t('error.tooMany'), why: null, advice: t('error.tooManyDo', { count: waitS ?? 30 }), waitS };
  }
  const wrongInput = error.status === 400 || error.status === 422;
  const advice = t(error.status >= 500 ? 'error.serverDo' : wrongInput ? 'error.requestDo' : 'error.conflictDo');
  return { what: t('error.page'), why, advice, waitS };
}

/** Everything a person who helps needs to find the failure in the server's log. */
export function errorDetails(what: string, error: unknown): string {
  const lines = [what, `${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`];
  if (error instanceof ApiError) {
    lines.push(`status ${error.status}, code ${error.code}`);
    if (error.requestId !== null) lines.push(`request ${error.requestId}`);
  } else if (error instanceof Error && error.stack) lines.push(error.stack);
  lines.push(`${window.location.pathname} at ${new Date().toISOString()}`);
  return lines.join('\n');
}
