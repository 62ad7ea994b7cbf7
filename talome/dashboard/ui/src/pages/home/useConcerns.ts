import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, unwrap } from '@/api/client';
import { useMay } from '@/app/session';
import { useContainers } from '@/live/streams';
import { concerns } from './attention';

const REFRESH_MS = 30_000;

/** What needs a person, from the machine's checks and from the containers, as far as the viewer may see them. */
export function useConcerns() {
  const health = useQuery({
    queryKey: ['system', 'health'],
    queryFn: () => unwrap(api.GET('/api/system/health')),
    refetchInterval: REFRESH_MS,
    enabled: useMay('system:read'),
  }).data;
  const world = useContainers(useMay('containers:read'));
  const containers = world.data?.containers;
  const found = useMemo(() => concerns(health, containers), [health, containers]);
  return { concerns: found, health, world: world.data, failure: world.failure };
}
