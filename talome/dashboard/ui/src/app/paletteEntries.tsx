import {
  IconDeviceDesktop,
  IconFile,
  IconFileText,
  IconFolder,
  IconLogout,
  IconMessages,
  IconMoon,
  IconNote,
  IconPhoto,
  IconPlus,
  IconSettings,
  IconSun,
  IconUser,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { components } from '@/api/schema';
import type { Container, SettingSchema, User } from '@/api/types';
import { AppIcon } from '@/components/AppIcon';
import { AppPicture } from '@/components/AppPicture';
import { actionsFor as powerFor, type Power } from '@/domain/appPower';
import { addressOfApp, iconOfApp, type InstalledApp, pageOfApp, stateOfApp } from '@/domain/apps';
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
  /** What stands around the words where they were found, below the label. */
  excerpt?: string;
  /** How far it is from what was typed, where the server has said so; 0 is nearest. */
  far?: number;
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

type SearchHit = components['schemas']['SearchHit'];
type SearchKind = SearchHit['kind'];

const GROUPS = {
  store_app: 'search.store',
  folder: 'search.files',
  file: 'search.files',
  note: 'search.notes',
  media: 'search.media',
  conversation: 'search.conversations',
} as const satisfies Partial<Record<SearchKind, string>>;
type Found = keyof typeof GROUPS;

/** What only the server can find. The rest is known here already, and is there with the first letter. */
export const FOUND_BY_SERVER = Object.keys(GROUPS) as Found[];

const ICONS: Record<Exclude<Found, 'store_app'>, typeof IconSun> = {
  folder: IconFolder,
  file: IconFile,
  note: IconNote,
  media: IconPhoto,
  conversation: IconMessages,
};

/** The server has weighed them and forgiven slips; while it looks for more letters, those count that hold them. */
export const foundEntries = (hits: SearchHit[], current: boolean, go: (link: string) => void): Entry[] =>
  hits
    .filter((hit): hit is SearchHit & { kind: Found } => hit.kind in GROUPS)
    .map(({ kind, id, title, detail, excerpt, icon, link, score }) => ({
      id: `${kind} ${id}`,
      group: t(GROUPS[kind]),
      label: title,
      hint: detail,
      words: detail,
      icon: kind === 'store_app' ? <AppPicture name={title} seed={id.split(':').pop() ?? id} src={icon ?? null} size={24} /> : glyph(ICONS[kind]),
      onlyWhenSearched: true,
      run: () => go(link),
      ...(typeof excerpt === 'string' ? { excerpt } : {}),
      ...(current ? { far: score >= 0.9 ? 0 : score >= 0.7 ? 1 : score >= 0.5 ? 2 : 3 } : {}),
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
