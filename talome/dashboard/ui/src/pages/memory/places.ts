import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { useMay } from '@/app/session';
import { t } from '@/i18n';

export const HOUSEHOLD = '@house';
export const EVERYTHING = '@all';

/** A part of the memory as people call it; a workspace goes by its own name. */
export const placeOf = (place: string): string => (place === HOUSEHOLD ? t('memory.household') : place);

/** Where a note may be: one's own, the household's, and each workspace. */
export function usePlaces(): { value: string; label: string }[] {
  const may = useMay('gateway:read');
  const { data } = useQuery({
    queryKey: ['memory', 'workspaces'],
    queryFn: () => unwrap(api.GET('/v1/workspaces')),
    enabled: may,
    staleTime: 60_000,
  });
  const workspaces = data?.data.filter(({ status }) => status === 'active') ?? [];
  return [
    { value: '', label: t('memory.mine') },
    { value: HOUSEHOLD, label: t('memory.household') },
    ...workspaces.map(({ workspace_id, name }) => ({ value: workspace_id, label: t('memory.inWorkspace', { name }) })),
  ];
}

/** The same for looking: without a choice, one's own and the household's are looked through. */
export function useSearchPlaces(): { value: string; label: string }[] {
  const [, ...others] = usePlaces();
  return [{ value: '', label: t('memory.mineAndHousehold') }, ...others, { value: EVERYTHING, label: t('memory.everywhere') }];
}
