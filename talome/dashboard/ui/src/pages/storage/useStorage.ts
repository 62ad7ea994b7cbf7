import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';

type Schemas = components['schemas'];

export type Drive = Schemas['Drive'];
export type DriveHealth = Schemas['DriveHealth'];
export type FileSystem = Schemas['FileSystem'];
export type Forecast = Schemas['Forecast'];
export type MountedPlace = Schemas['MountedPlace'];
export type Partition = Schemas['Partition'];
export type Reclaimable = Schemas['Reclaimable'];
export type UsageNode = Schemas['UsageNode'];

/** All of it is kept below this key, so that one change makes all of it be asked again. */
export const STORAGE = 'storage';
const REFRESH_MS = 30_000;

export const useDisks = () =>
  useQuery({ queryKey: [STORAGE, 'disks'], queryFn: () => unwrap(api.GET('/api/storage')), refetchInterval: REFRESH_MS });

export const useForecasts = () => useQuery({ queryKey: [STORAGE, 'forecast'], queryFn: () => unwrap(api.GET('/api/storage/forecast')) });

/** Asking a drive how it is may wake it, so this is not asked again and again. */
export const useHealth = () =>
  useQuery({ queryKey: [STORAGE, 'smart'], queryFn: () => unwrap(api.GET('/api/storage/smart')), staleTime: 10 * 60_000 });

export const useUsage = () => useQuery({ queryKey: [STORAGE, 'usage'], queryFn: () => unwrap(api.GET('/api/storage/usage')) });

export const useReclaimable = () =>
  useQuery({ queryKey: [STORAGE, 'reclaimable'], queryFn: () => unwrap(api.GET('/api/storage/reclaimable')) });

export const useMounts = () =>
  useQuery({ queryKey: [STORAGE, 'mounts'], queryFn: () => unwrap(api.GET('/api/storage/mounts')), refetchInterval: REFRESH_MS });
