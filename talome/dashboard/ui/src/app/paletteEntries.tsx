import {
  IconDeviceDesktop,
  IconFileText,
  IconLogout,
  IconMoon,
  IconPlus,
  IconSettings,
  IconSun,
  IconUser,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Container, SettingSchema, User } from '@/api/types';
import { AppIcon } from '@/components/AppIcon';
import { AppPicture } from '@/components/AppPicture';
import { actionsFor as powerFor, type Power } from '@/domain/appPower';
import { addressInStore, addressOfApp, type AppSummary, iconOfApp, type InstalledApp, pageOfApp, stateOfApp } from '@/domain/apps';
import { addressOf, appsOf, iconSeed, stateOf, titleOf } from '@/domain/containers';
import { type Action, actionsFor } from '@/domain/useContainerActions';
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

export const ACTIONS = {
  start: 'search.start',
  stop: 'search.stop',
  restart: 'search.restart',
  pause: 'search.pause',
  unpause: 'search.unpause',
} as const;

const glyph = (Icon: typeof IconSun) => <Icon size={18} stroke={1.75} aria-hidden />;

export const pageEntries = (user: User, go: Go): Entry[] =>
  pagesFor(user).map(({ path, title, icon }) => ({
    id: `page ${path}`,
    group: t('search.pages'),
    label: t(title),
    words: path,
    icon: glyph(icon),
    run: () => go(path),
  }));

/** What the pages say can be begun on them, such as “Add a person”. */
export const beginEntries = (user: User, go: Go): Entry[] =>
  pagesFor(user).flatMap(({ actions = [] }) =>
    actions.filter(({ scope }) => may(user, scope)).map(({ title, to }) => ({
      id: `begin ${to}`,
      group: t('search.actions'),
      label: t(title),
      words: to,
      icon: glyph(IconPlus),
      onlyWhenSearched: true,
      run: () => go(to),
    })),
  );

/** The apps first: opening one is what most people look for. */
export const appEntries = (containers: Container[]): Entry[] =>
  appsOf(containers).flatMap(({ name, container, url }) =>
    url === null
      ? []
      : [
          {
            id: `app ${container.id}`,
            group: t('search.apps'),
            label: name,
            hint: t('search.opens'),
            words: `${container.name} ${container.image}`,
            icon: <AppIcon name={name} seed={iconSeed(container)} size={24} />,
            run: () => void window.open(url, '_blank', 'noopener,noreferrer'),
          },
        ],
  );

const pictureOf = (app: InstalledApp) => <AppPicture name={app.name} seed={app.id} src={iconOfApp(app)} size={24} />;

/** The installed apps: opened where they have a page, else shown; and what can be done to them. */
export const installedEntries = (
  apps: InstalledApp[],
  go: Go,
  act: ((action: Power, app: InstalledApp) => void) | null,
): Entry[] =>
  apps.flatMap((app) => {
    const { id, name } = app;
    const page = pageOfApp(app);
    const shared = { words: `${id} ${app.store}`, icon: pictureOf(app) };
    const open: Entry = {
      ...shared,
      id: `app ${id}`,
      group: t('search.apps'),
      label: name,
      hint: t('search.opens'),
      run: () => void window.open(page ?? '', '_blank', 'noopener,noreferrer'),
    };
    const manage: Entry = {
      ...shared,
      id: `manage ${id}`,
      group: page === null ? t('search.apps') : t('search.actions'),
      label: page === null ? name : t('search.manage', { name }),
      hint: stateOfApp(app).label,
      onlyWhenSearched: page !== null,
      run: () => go(addressOfApp(id)),
    };
    const deeds = act === null ? [] : powerFor(app);
    return [
      ...(page === null ? [] : [open]),
      manage,
      ...deeds.map((action) => ({
        ...shared,
        id: `${action} app ${id}`,
        group: t('search.actions'),
        label: t(ACTIONS[action], { name }),
        onlyWhenSearched: true,
        run: () => act?.(action, app),
      })),
    ];
  });

/** What the stores answer to what was typed: the server has forgiven the slips, so each of them counts as found. */
export const storeEntries = (found: AppSummary[], query: string, go: Go): Entry[] =>
  found
    .filter(({ installed }) => installed === null)
    .map(({ id, appId, name, tagline, icon, storeName }) => ({
      id: `store ${id}`,
      group: t('search.store'),
      label: name,
      hint: storeName,
      words: `${tagline} ${query}`,
      icon: <AppPicture name={name} seed={appId} src={icon} size={24} />,
      onlyWhenSearched: true,
      run: () => go(addressInStore(id)),
    }));

export function containerEntries(
  containers: Container[],
  go: Go,
  act: ((action: Action, container: Container) => void) | null,
): Entry[] {
  return containers.flatMap((container) => {
    const name = titleOf(container);
    const words = `${container.name} ${container.image} ${container.project ?? ''}`;
    const does = (action: Action): Entry => ({
      id: `${action} ${container.id}`,
      group: t('search.actions'),
      label: t(ACTIONS[action], { name }),
      words,
      icon: <AppIcon name={name} seed={iconSeed(container)} size={24} />,
      onlyWhenSearched: true,
      run: () => act?.(action, container),
    });
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
        icon: glyph(IconFileText),
        onlyWhenSearched: true,
        run: () => go(`${addressOf(container)}/logs`),
      },
      ...(act === null ? [] : actionsFor(container).map(does)),
    ];
  });
}

export const settingEntries = (settings: SettingSchema[], go: (key: string) => void): Entry[] =>
  settings.map(({ key, title, help }) => ({
    id: `setting ${key}`,
    group: t('search.settings'),
    label: title,
    words: `${key} ${help}`,
    icon: glyph(IconSettings),
    onlyWhenSearched: true,
    run: () => go(key),
  }));

export const personEntries = (people: User[], go: (id: string) => void): Entry[] =>
  people.map(({ id, username, displayName, role }) => ({
    id: `person ${id}`,
    group: t('search.people'),
    label: displayName ?? username,
    hint: t(role === 'admin' ? 'person.admin' : 'person.member'),
    words: username,
    icon: glyph(IconUser),
    onlyWhenSearched: true,
    run: () => go(id),
  }));

export function themeEntries(setScheme: (scheme: 'auto' | 'light' | 'dark') => void): Entry[] {
  const schemes = [
    ['light', t('search.lightTheme'), IconSun],
    ['dark', t('search.darkTheme'), IconMoon],
    ['auto', t('search.autoTheme'), IconDeviceDesktop],
  ] as const;
  return schemes.map(([scheme, label, icon]) => ({
    id: `theme ${scheme}`,
    group: t('search.actions'),
    label,
    words: t('person.theme'),
    icon: glyph(icon),
    run: () => setScheme(scheme),
  }));
}

export const signOutEntry = (signOut: () => void): Entry => ({
  id: 'sign-out',
  group: t('search.actions'),
  label: t('person.signOut'),
  words: '',
  icon: glyph(IconLogout),
  onlyWhenSearched: true,
  run: signOut,
});
