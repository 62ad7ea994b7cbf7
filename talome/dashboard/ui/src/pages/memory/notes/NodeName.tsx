import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, unwrap } from '@/api/client';
import { t } from '@/i18n';
import classes from '../Memory.module.css';
import { nameOf } from './names';

interface Props {
  type: 'note' | 'entity';
  id: string;
}

/** A note or an entity by its name, which is asked for, as the way to it. */
export function NodeName({ type, id }: Props) {
  const { data } = useQuery({
    queryKey: ['memory', 'name', type, id],
    queryFn: async (): Promise<string> =>
      type === 'note'
        ? nameOf(await unwrap(api.GET('/v1/memory/notes/{id}', { params: { path: { id } } })))
        : (await unwrap(api.GET('/v1/memory/entities/{id}', { params: { path: { id } } }))).name,
    retry: false,
    staleTime: 60_000,
  });
  if (type === 'entity') {
    return (
      <Link to="/memory/$tab" params={{ tab: 'entities' }} hash={id} resetScroll={false} className={classes.link}>
        {data ?? t('memory.anEntity')}
      </Link>
    );
  }
  return (
    <Link to="/memory/notes/$id" params={{ id }} className={classes.link}>
      {data ?? t('memory.aNote')}
    </Link>
  );
}
