import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { Section } from '@/components/Section';
import { t } from '@/i18n';
import classes from '../Memory.module.css';
import type { Note } from './names';
import { NodeName } from './NodeName';

interface End {
  type: 'note' | 'entity';
  id: string;
}

/** What a note is tied to. Without any tie there is nothing to show. */
export function Related({ note }: { note: Note }) {
  const { data } = useQuery({
    queryKey: ['memory', 'links', note.id],
    queryFn: () => unwrap(api.GET('/v1/memory/links', { params: { query: { node_id: note.id, limit: 100 } } })),
  });
  if (data === undefined || data.data.length === 0) return null;
  return (
    <Section title={t('memory.related')}>
      <ul className={classes.plainList}>
        {data.data.map((link) => {
          const outward = link.source_id === note.id;
          const other: End = outward ? { type: link.target_type, id: link.target_id } : { type: link.source_type, id: link.source_id };
          return (
            <li key={link.id}>
              <span className={classes.mark}>{outward ? link.relation : t('memory.backwards', { relation: link.relation })}</span>{' '}
              <NodeName {...other} />
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
