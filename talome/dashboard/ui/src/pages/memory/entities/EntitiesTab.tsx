import { Button } from '@mantine/core';
import { IconPlus, IconTopologyStar3 } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { useMay } from '@/app/session';
import { DataList } from '@/components/DataList';
import type { Column } from '@/components/dataList';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { RemoveButton } from '@/components/RemoveButton';
import { Section } from '@/components/Section';
import { toastError } from '@/components/toasts';
import { useRemoval } from '@/components/useRemoval';
import { t } from '@/i18n';
import classes from '../Memory.module.css';
import { refreshMemory } from '../notes/forget';
import { NodeName } from '../notes/NodeName';
import { EVERYTHING, placeOf } from '../places';
import { Graph } from './Graph';

const EntityForm = lazy(() => import('./EntityForm'));
const LinkForm = lazy(() => import('./LinkForm'));

export type Entity = components['schemas']['Entity'];
export type MemoryLink = components['schemas']['MemoryLink'];

const MOST = 200;

/** What the notes are about, and how it hangs together: as a picture, and as a list that says the same. */
export default function EntitiesTab() {
  const entities = useQuery({
    queryKey: ['memory', 'entities'],
    queryFn: () => unwrap(api.GET('/v1/memory/entities', { params: { query: { workspace_id: EVERYTHING, limit: MOST } } })),
  });
  const links = useQuery({
    queryKey: ['memory', 'links'],
    queryFn: () => unwrap(api.GET('/v1/memory/links', { params: { query: { workspace_id: EVERYTHING, limit: MOST } } })),
  });
  return <Loaded list={entities}>{({ data }) => <Shown entities={data} links={links.data?.data ?? []} />}</Loaded>;
}

function columns(count: Map<string, number>, onChoose: (id: string) => void): Column<Entity>[] {
  return [
    {
      id: 'name',
      label: t('memory.entity.name'),
      value: ({ name }) => name,
      show: ({ id, name, aliases }) => (
        <>
          <button type="button" className={classes.asLink} onClick={() => onChoose(id)}>
            {name}
          </button>
          {aliases.length > 0 && <span className={classes.below}>{aliases.join(', ')}</span>}
        </>
      ),
      width: '40%',
    },
    { id: 'type', label: t('memory.entity.type'), value: ({ type }) => type, show: ({ type }) => type },
    {
      id: 'place',
      label: t('memory.place'),
      value: ({ workspace_id }) => workspace_id,
      show: ({ workspace_id }) => (workspace_id === null ? t('memory.mine') : placeOf(workspace_id)),
      wideOnly: true,
    },
    { id: 'links', label: t('memory.entity.links'), value: ({ id }) => count.get(id) ?? 0, show: ({ id }) => count.get(id) ?? 0, end: true },
  ];
}

function Shown({ entities, links }: { entities: Entity[]; links: MemoryLink[] }) {
  const mayChange = useMay('memory:write');
  const client = useQueryClient();
  const navigate = useNavigate();
  const chosen = useLocation().hash;
  const [edited, setEdited] = useState<Entity | 'new' | null>(null);
  const [linking, setLinking] = useState<Entity | null>(null);
  const choose = (id: string) => void navigate({ to: '/memory/$tab', params: { tab: 'entities' }, hash: id, replace: true, resetScroll: false });
  const count = new Map<string, number>();
  for (const { source_id, target_id } of links) for (const id of [source_id, target_id]) count.set(id, (count.get(id) ?? 0) + 1);
  const [askToRemove, removal] = useRemoval<Entity>({
    title: t('memory.entity.removeTitle'),
    text: t('memory.entity.removeText'),
    confirmLabel: t('memory.entity.remove'),
    name: ({ name }) => name,
    remove: ({ id }) => unwrap(api.DELETE('/v1/memory/entities/{id}', { params: { path: { id } } })),
    failed: (name) => t('memory.entity.removeOf', { name }),
    done: (name) => t('memory.entity.removed', { name }),
    refresh: () => refreshMemory(client),
  });
  const add = mayChange && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setEdited('new')}>
      {t('memory.entity.add')}
    </Button>
  );
  const current = entities.find(({ id }) => id === chosen);
  return (
    <div className={classes.stack}>
      {entities.length > 0 && <Graph entities={entities} links={links} chosen={chosen} onChoose={choose} />}
      {current && (
        <Section title={current.name} text={current.description === '' ? undefined : current.description}>
          <Ties entity={current} entities={entities} links={links} mayChange={mayChange} />
          {mayChange && (
            <div className={classes.row}>
              <Button variant="default" onClick={() => setLinking(current)}>
                {t('memory.entity.link')}
              </Button>
              <Button variant="default" onClick={() => setEdited(current)}>
                {t('memory.entity.edit')}
              </Button>
            </div>
          )}
        </Section>
      )}
      <Section title={t('memory.entity.all')} text={t('memory.entity.text')}>
        <DataList
          name="memory.entities"
          label={t('memory.entity.all')}
          columns={columns(count, choose)}
          rows={entities}
          rowKey={({ id }) => id}
          text={({ name, type, aliases }) => [name, type, ...aliases].join(' ')}
          order={{ sort: 'links', descending: true }}
          tools={entities.length > 0 && add}
          actions={mayChange ? (entity) => <RemoveButton label={t('memory.entity.removeOf', entity)} onClick={() => askToRemove(entity)} /> : undefined}
          empty={<EmptyState icon={<IconTopologyStar3 size={26} stroke={1.75} />} title={t('memory.entity.none')} text={t('memory.entity.noneText')} action={add} />}
        />
      </Section>
      <Suspense>
        {edited && <EntityForm entity={edited === 'new' ? null : edited} onSaved={() => refreshMemory(client)} onClose={() => setEdited(null)} />}
        {linking && <LinkForm entity={linking} entities={entities} onSaved={() => refreshMemory(client)} onClose={() => setLinking(null)} />}
      </Suspense>
      {removal}
    </div>
  );
}

interface TiesProps {
  entity: Entity;
  entities: Entity[];
  links: MemoryLink[];
  mayChange: boolean;
}

/** What an entity is tied to, in words. */
function Ties({ entity, entities, links, mayChange }: TiesProps) {
  const client = useQueryClient();
  const own = links.filter(({ source_id, target_id }) => source_id === entity.id || target_id === entity.id);
  if (own.length === 0) return <p className={classes.told}>{t('memory.entity.noLinks')}</p>;
  const remove = async (id: string) => {
    try {
      await unwrap(api.DELETE('/v1/memory/links/{id}', { params: { path: { id } } }));
    } catch (error) {
      toastError(t('memory.entity.unlink'), error);
    }
    await refreshMemory(client);
  };
  return (
    <ul className={classes.plainList}>
      {own.map((link) => {
        const outward = link.source_id === entity.id;
        const [type, id] = outward ? [link.target_type, link.target_id] : [link.source_type, link.source_id];
        const name = entities.find((each) => each.id === id)?.name;
        return (
          <li key={link.id} className={classes.tie}>
            <span className={classes.mark}>{outward ? link.relation : t('memory.backwards', { relation: link.relation })}</span>
            <NodeName type={type} id={id} />
            {mayChange && <RemoveButton label={t('memory.entity.unlinkOf', { name: name ?? t('memory.aNote') })} onClick={() => void remove(link.id)} />}
          </li>
        );
      })}
    </ul>
  );
}
