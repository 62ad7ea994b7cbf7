import { useMantineColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { api, unwrap } from '@/api/client';
import { useContainerActions } from '@/domain/useContainerActions';
import { useContainers } from '@/live/streams';
import {
  appEntries,
  beginEntries,
  containerEntries,
  type Entry,
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

/** Everything the search can find, within the rights of the person who looks. */
export function usePaletteEntries(): Entry[] {
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
  return useMemo(() => {
    const go = (to: string) => {
      const [path, hash] = to.split('#');
      void navigate({ to: path, hash });
    };
    return [
      ...pageEntries(user, go),
      ...appEntries(containers ?? []),
      ...containerEntries(containers ?? [], go, may(user, 'containers:write') ? run : null),
      ...settingEntries(settings ?? [], (key) => void navigate({ to: '/settings', hash: key })),
      ...personEntries(people ?? [], (id) => void navigate({ to: '/people', hash: id })),
      ...beginEntries(user, go),
      ...themeEntries(setColorScheme),
      signOutEntry(() => void signOut()),
    ];
  }, [user, containers, settings, people, navigate, run, setColorScheme]);
}
