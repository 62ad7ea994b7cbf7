import { addTexts, t } from '@/i18n';
import { rights as texts } from '@/i18n/en/rights';

addTexts(texts);

export interface Right {
  scope: string;
  words: string;
}

export interface RightGroup {
  area: string;
  title: string;
  rights: Right[];
}

const ORDER = ['apps', 'stores', 'containers', 'system', 'jobs', 'terminal', 'notifications', 'account', 'users', 'settings', 'audit'];
const VERBS = ['read', 'use', 'write', 'exec', 'host', 'metrics'];

const known = (key: string): key is keyof typeof texts => key in texts;
const place = (list: string[], word: string) => (list.indexOf(word) + list.length + 1) % (list.length + 1);

/** A right in household words; one that has none yet goes by its name. */
export function rightWords(scope: string): string {
  const key = `rights.${scope === '*' ? 'all' : scope}`;
  return known(key) ? t(key) : scope;
}

/** Rights by what they are about, the usual ones first. */
export function groupRights(scopes: string[]): RightGroup[] {
  const areas = [...new Set(scopes.map((scope) => scope.split(':')[0] ?? ''))];
  return areas
    .sort((a, b) => place(ORDER, a) - place(ORDER, b))
    .map((area) => {
      const own = scopes.filter((scope) => scope.startsWith(`${area}:`));
      own.sort((a, b) => place(VERBS, a.slice(area.length + 1)) - place(VERBS, b.slice(area.length + 1)));
      const key = `rights.${area}`;
      const title = known(key) ? t(key) : area;
      return { area, title, rights: own.map((scope) => ({ scope, words: rightWords(scope) })) };
    });
}

/** What follows from a right: whoever may change something may see it. */
export const implied = (scope: string): string[] =>
  scope.endsWith(':write') ? [scope.replace(/:write$/, ':read')] : scope === 'containers:exec' ? ['containers:read'] : [];
