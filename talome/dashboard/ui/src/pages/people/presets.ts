import type { PlainKey } from '@/i18n';

export type Preset = 'nothing' | 'look' | 'run' | 'inside' | 'exact';

const LOOK = ['containers:read', 'jobs:read', 'system:read'];
const RUN = [...LOOK, 'containers:write', 'jobs:write'];

/** Rights as a household thinks of them; each includes the one before. */
export const PRESETS: Record<Exclude<Preset, 'exact'>, string[]> = {
  nothing: [],
  look: LOOK,
  run: RUN,
  inside: [...RUN, 'containers:exec', 'terminal:write'],
};

export const PRESET_WORDS: Record<Preset, PlainKey> = {
  nothing: 'people.nothing',
  look: 'people.look',
  run: 'people.run',
  inside: 'people.inside',
  exact: 'people.exact',
};

const same = (one: string[], other: string[]) => one.length === other.length && one.every((each) => other.includes(each));

/** Which preset stands for these rights; what no preset stands for was chosen one by one. */
export function presetOf(permissions: string[]): Preset {
  const found = Object.entries(PRESETS).find(([, scopes]) => same(scopes, permissions));
  return (found?.[0] as Preset | undefined) ?? 'exact';
}

const NOT_GIVEN = ['account', 'notifications', 'search', 'users', 'settings', 'audit', 'public'];

/** Rights that an administrator can give: not those that everyone has, nor those that make an administrator. */
export const givable = (scopes: string[]): string[] =>
  [...new Set(scopes)].filter((scope) => !NOT_GIVEN.includes(scope.split(':')[0] ?? '') && scope !== 'terminal:host');
