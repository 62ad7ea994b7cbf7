import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import type { Job } from '@/api/types';
import { useMay } from '@/app/session';
import { t } from '@/i18n';
import { useJobs } from '@/live/streams';
import type { State, Tone } from './containers';

type Schemas = components['schemas'];

export type InstalledApp = Schemas['InstalledApp'];
export type AppPort = Schemas['AppPort'];
export type AppRevision = Schemas['AppRevision'];
export type AppSummary = Schemas['AppSummary'];
export type AppCategory = AppSummary['category'];
/** The client types pairs as lists: the values and labels of a choice. */
export type FormField = Omit<Schemas['FormField'], 'options'> & { options?: string[][] };
export type AppDetail = Omit<Schemas['AppDetail'], 'fields'> & { fields: FormField[] };
export type AppSettings = Omit<Schemas['AppSettings'], 'fields'> & { fields: FormField[] };
export type Plan = Schemas['Plan'];
export type AppPart = Schemas['AppPart'];
export type ExtraFolder = Schemas['ExtraFolder'];
export type FoundApp = Schemas['FoundApp'];
export type AdoptionPlan = Schemas['AdoptionPlan'];
export type BulkPlan = Schemas['BulkPlan'];
export type BulkResult = Schemas['BulkResult'];
export type PermissionSheet = Schemas['PermissionSheet'];
export type SheetItem = Schemas['SheetItem'];
export type SheetDifference = Schemas['SheetDifference'];
export type Store = Schemas['Store'];

const TONES: Record<InstalledApp['state'], Tone> = {
  running: 'ok',
  partly: 'warn',
  stopped: 'idle',
  starting: 'info',
  working: 'info',
  unknown: 'idle',
};

export const stateOfApp = ({ state }: InstalledApp): State => ({ tone: TONES[state], label: t(`appState.${state}`) });

/** The app's own page, by the name that this browser came by; null while it is stopped or has none. */
export function pageOfApp({ url, state }: InstalledApp): string | null {
  if (url === null || state === 'stopped') return null;
  const address = url.replace('{host}', window.location.hostname);
  return /^https?:\/\//.test(address) ? address : null;
}

/** The icon comes from the app's store; the address that the store gives for it is not this server's. */
export const iconOfApp = ({ icon, store }: InstalledApp): string | null => (icon === null ? null : `/api/apps/${store}/icon`);

export const addressOfApp = (id: string): string => `/apps/${id}`;
export const addressInStore = (id: string): string => `/store/${id}`;

export const isAppJob = ({ kind }: Job): boolean => kind.startsWith('apps.');

/** What a job of an app is about. */
export const subjectOf = (id: string): string => `app:${id}`;

/** The latest job about something, in whatever tab it was begun; null where there is none, or it may not be seen. */
export function useLatestJob(subject: string): Job | null {
  return useJobs(useMay('jobs:read')).data?.find((job) => job.subject === subject) ?? null;
}

const REFRESH_MS = 15_000;

const changesApps = (job: Job): boolean => isAppJob(job) || job.kind === 'stores.sync';

/** Asks again for everything about apps whenever a job of an app or a store begins or ends, in whatever tab it was started. */
export function useFreshAfterJobs(wanted: boolean): void {
  const queries = useQueryClient();
  const mayFollow = useMay('jobs:read');
  const jobs = useJobs(wanted && mayFollow).data;
  const stand = jobs === null ? null : jobs.filter(changesApps).map(({ id, state }) => `${id} ${state}`).join();
  const known = useRef(stand);
  useEffect(() => {
    if (known.current !== null && known.current !== stand) void queries.invalidateQueries({ queryKey: ['apps'] });
    known.current = stand;
  }, [stand, queries]);
}

/** The installed apps by name, with their states. */
export function useInstalled(wanted = true) {
  useFreshAfterJobs(wanted);
  return useQuery({
    queryKey: ['apps', 'installed'],
    queryFn: () => unwrap(api.GET('/api/apps/installed')),
    enabled: wanted,
    refetchInterval: REFRESH_MS,
  });
}

/** The hour in which apps update by themselves; null for those who may not see the settings. */
export function useUpdateHour(): number | null {
  const states = useQuery({
    queryKey: ['settings', 'states'],
    queryFn: () => unwrap(api.GET('/api/settings/states')),
    enabled: useMay('settings:read'),
    staleTime: 60_000,
  });
  const value = states.data?.find(({ key }) => key === 'apps.update_hour')?.value;
  return typeof value === 'number' ? value : null;
}
