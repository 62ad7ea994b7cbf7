import { useMantineColorScheme } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { api, unwrap } from '@/api/client';
import type { Container } from '@/api/types';
import { toastError } from '@/components/toasts';
import { useSettled } from '@/components/useSettled';
import { beginPower, type Power } from '@/domain/appPower';
import { type InstalledApp, useInstalled } from '@/domain/apps';
import { useContainerActions } from '@/domain/useContainerActions';
import { t } from '@/i18n';
import { useContainers } from '@/live/streams';
import {
  ACTIONS,
  appEntries,
  beginEntries,
  containerEntries,
  type Entry,
  FOUND_BY_SERVER,
  foundEntries,
  installedEntries,
  pageEntries,
  personEntries,
  settingEntries,
  signOutEntry,
  themeEntries,
} from './paletteEntries';
import { may } from './pages';
import { useUser } from './session';
import { signOut } from './signOut';

const FRESH_MS = 60_000;
const MOST_FOUND = 16;
const SHORTEST = 2;
const QUIET_MS = 120;

/** Everything the search can find, within the rights of the person who looks. */
export function usePaletteEntries(query: string): Entry[] {
  const user = useUser();
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const { run } = useContainerActions();
  const containers = useContainers(may(user, 'containers:read')).data?.containers;
  const settings = useQuery({
    queryKey: ['settings', 'schema'],
    queryFn: () => unwrap(api.GET('/api/settings/schema')),
    enabled: may(user, 'settings:read'),
    staleTime: FRESH_MS,
  }).data;
  const people = useQuery({
    queryKey: ['users'],
    queryFn: () => unwrap(api.GET('/api/users')),
    enabled: may(user, 'users:read'),
    staleTime: FRESH_MS,
  }).data;
  const seesApps = may(user, 'apps:read');
  const apps = useInstalled(seesApps).data;
  const wanted = useSettled(query.trim(), QUIET_MS);
  const { data: found, isPlaceholderData } = useQuery({
    queryKey: ['search', wanted],
    // What was asked before the last letter is given up: nobody waits for it any more.
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/search', { params: { query: { q: wanted, kinds: FOUND_BY_SERVER, limit: MOST_FOUND } }, signal })),
    enabled: wanted.length >= SHORTEST,
    placeholderData: keepPreviousData,
    staleTime: FRESH_MS,
  });
  const hits = wanted.length >= SHORTEST ? found?.hits : undefined;
  const current = !isPlaceholderData && wanted === query.trim();
  return useMemo(() => {
    const go = (to: string) => {
      const [path, hash] = to.split('#');
      void navigate({ to: path, hash });
    };
    const follow = (link: string) => {
      const { pathname, searchParams, hash } = new URL(link, window.location.origin);
      void navigate({ to: pathname, search: Object.fromEntries(searchParams), hash: hash.slice(1) });
    };
    return [
      ...pageEntries(user, go),
      ...installedEntries(apps ?? [], go, may(user, 'apps:write') ? begin : null),
      ...appEntries(withoutApps(containers ?? [], apps ?? [])),
      ...containerEntries(containers ?? [], go, may(user, 'containers:write') ? run : null),
      ...foundEntries(hits ?? [], current, follow),
      ...settingEntries(settings ?? [], (key) => void navigate({ to: '/settings', hash: key })),
      ...personEntries(people ?? [], (id) => void navigate({ to: '/people', hash: id })),
      ...beginEntries(user, go),
      ...themeEntries(setColorScheme),
      signOutEntry(() => void signOut()),
    ];
  }, [user, containers, apps, hits, current, settings, people, navigate, run, setColorScheme]);
}

/** Containers that are an app of their own: those of an installed one are opened as the app. */
function withoutApps(containers: Container[], apps: InstalledApp[]): Container[] {
  const projects = new Set(apps.map(({ id }) => id));
  return containers.filter(({ project }) => project === null || !projects.has(project));
}

/** How it ends is told to every tab by the job list. */
const begin = (action: Power, { id, name }: InstalledApp): void => {
  beginPower(action, id).catch((error: unknown) => toastError(t('search.notDone', { what: t(ACTIONS[action], { name }) }), error));
};
