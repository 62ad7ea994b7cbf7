import { IconDeviceDesktop, IconFileText, IconMoon, IconSun } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Container, User } from '@/api/types';
import { AppIcon } from '@/components/AppIcon';
import { addressOf, iconSeed, stateOf, titleOf } from '@/domain/containers';
import { t } from '@/i18n';
import { may, pagesFor } from './pages';

export interface Entry {
  id: string;
  group: string;
  label: string;
  hint?: string;
  /** Further words that find it. */
  words: string;
  icon: ReactNode;
  /** Shown only once something has been typed. */
  onlyWhenSearched?: boolean;
  run: () => void;
}

type Go = (to: string) => void;

export const pageEntries = (user: User, go: Go): Entry[] =>
  pagesFor(user).map(({ path, title, icon: Icon }) => ({
    id: `page ${path}`,
    group: t('search.pages'),
    label: t(title),
    words: path,
    icon: <Icon size={18} stroke={1.75} aria-hidden />,
    run: () => go(path),
  }));

export function containerEntries(user: User, containers: Container[], go: Go): Entry[] {
  if (!may(user, 'containers:read')) return [];
  return containers.flatMap((container) => {
    const name = titleOf(container);
    const words = `${container.name} ${container.image} ${container.project ?? ''}`;
    return [
      {
        id: container.id,
        group: t('search.containers'),
        label: name,
        hint: stateOf(container).label,
        words,
        icon: <AppIcon name={name} seed={iconSeed(container)} size={24} />,
        run: () => go(addressOf(container)),
      },
      {
        id: `log ${container.id}`,
        group: t('search.actions'),
        label: t('search.logsOf', { name }),
        words,
        icon: <IconFileText size={18} stroke={1.75} aria-hidden />,
        onlyWhenSearched: true,
        run: () => go(`${addressOf(container)}/logs`),
      },
    ];
  });
}

export function actionEntries(setScheme: (scheme: 'auto' | 'light' | 'dark') => void): Entry[] {
  const schemes = [
    ['light', t('search.lightTheme'), IconSun],
    ['dark', t('search.darkTheme'), IconMoon],
    ['auto', t('search.autoTheme'), IconDeviceDesktop],
  ] as const;
  return schemes.map(([scheme, label, Icon]) => ({
    id: `theme ${scheme}`,
    group: t('search.actions'),
    label,
    words: t('person.theme'),
    icon: <Icon size={18} stroke={1.75} aria-hidden />,
    run: () => setScheme(scheme),
  }));
}

const MOST = 40;

/** Entries that hold every typed word; those whose name begins with the text come first in their group. */
export function search(entries: Entry[], query: string): Entry[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return entries.filter((entry) => !entry.onlyWhenSearched).slice(0, MOST);
  const words = wanted.split(/\s+/);
  const groups = [...new Set(entries.map((entry) => entry.group))];
  const rank = (entry: Entry) => groups.indexOf(entry.group) * 2 + (entry.label.toLowerCase().startsWith(wanted) ? 0 : 1);
  return entries
    .filter((entry) => {
      const text = `${entry.label} ${entry.words}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MOST);
}
