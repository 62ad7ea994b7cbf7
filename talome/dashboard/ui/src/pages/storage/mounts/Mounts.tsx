import { Button, Menu } from '@mantine/core';
import { IconDots, IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { useMay } from '@/app/session';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { StateBadge } from '@/components/StateBadge';
import { toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { bytes } from '@/i18n/format';
import classes from '../Storage.module.css';
import { type MountedPlace, type Partition, STORAGE, useDisks, useMounts } from '../useStorage';

const Confirm = lazy(() => import('@/components/Confirm').then((module) => ({ default: module.Confirm })));
const MountForm = lazy(() => import('./MountForm'));

/** Disks that can be plugged in and shares of other machines. */
export default function Mounts() {
  const mayChange = useMay('storage:write');
  const queries = useQueryClient();
  const mounts = useMounts();
  const disks = useDisks();
  const [adding, setAdding] = useState<Partition | 'network' | null>(null);
  const [forgetting, setForgetting] = useState<MountedPlace | null>(null);
  const free = (disks.data?.drives ?? []).flatMap(({ partitions }) => partitions).filter(({ mountable, uuid }) => mountable && uuid !== null);
  const act = async (failed: string, send: () => Promise<unknown>) => {
    try {
      await send();
    } catch (error) {
      toastError(failed, error);
    }
    await queries.invalidateQueries({ queryKey: [STORAGE] });
  };
  const turn = (place: MountedPlace) => {
    const params = { path: { id: place.id } };
    if (place.mounted) return act(t('storage.unmountFailed', { name: place.name }), () => unwrap(api.POST('/api/storage/mounts/{id}/unmount', { params })));
    return act(t('storage.mountFailed', { name: place.name }), () => unwrap(api.POST('/api/storage/mounts/{id}/mount', { params })));
  };
  const forget = (place: MountedPlace) => {
    setForgetting(null);
    return act(t('storage.forgetFailed', { name: place.name }), () => unwrap(api.DELETE('/api/storage/mounts/{id}', { params: { path: { id: place.id } } })));
  };
  const add = mayChange && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding('network')}>
      {t('storage.addShare')}
    </Button>
  );
  return (
    <div className={classes.stack}>
      {mayChange && free.length > 0 && (
        <section>
          <h2 className={classes.sectionTitle}>{t('storage.plugged')}</h2>
          <ul className={classes.rows}>
            {free.map((partition) => (
              <li key={partition.path}>
                <div>
                  <strong>{partition.label ?? partition.name}</strong>
                  <span className={classes.small}>{[partition.fs, bytes(partition.sizeBytes), partition.path].filter(Boolean).join(' · ')}</span>
                </div>
                <Button variant="default" leftSection={<IconPlugConnected size={16} stroke={1.75} />} onClick={() => setAdding(partition)}>
                  {t('storage.mount')}
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Loaded list={mounts}>
        {(places) =>
          places.length === 0 ? (
            <EmptyState icon={<IconPlugConnected size={26} stroke={1.75} />} title={t('storage.noMounts')} text={t('storage.noMountsText')} action={add} />
          ) : (
            <section>
              <div className={classes.measured}>
                <h2 className={classes.sectionTitle}>{t('storage.places')}</h2>
                {add}
              </div>
              <ul className={classes.rows}>
                {places.map((place) => (
                  <Place key={place.id} place={place} mayChange={mayChange} onTurn={() => void turn(place)} onForget={() => setForgetting(place)} />
                ))}
              </ul>
            </section>
          )
        }
      </Loaded>
      <Suspense>
        {adding !== null && <MountForm partition={adding === 'network' ? null : adding} onClose={() => setAdding(null)} />}
        {forgetting !== null && (
          <Confirm
            title={t('storage.forget')}
            names={[`${forgetting.name} · ${forgetting.source}`]}
            confirmLabel={t('storage.forget')}
            onConfirm={() => void forget(forgetting)}
            onClose={() => setForgetting(null)}
          >
            {t('storage.forgetText')}
          </Confirm>
        )}
      </Suspense>
    </div>
  );
}

const KINDS = { device: 'storage.ofMachine', nfs: 'storage.nfs', cifs: 'storage.cifs' } as const;

interface PlaceProps {
  place: MountedPlace;
  mayChange: boolean;
  onTurn: () => void;
  onForget: () => void;
}

function Place({ place, mayChange, onTurn, onForget }: PlaceProps) {
  const { name, kind, source, path, mounted, readOnly, atStart, job } = place;
  const busy = job !== null && job.finishedAt === null;
  const state = busy
    ? ({ tone: 'info', label: t('storage.working') } as const)
    : mounted
      ? ({ tone: 'ok', label: t('storage.mounted') } as const)
      : ({ tone: 'idle', label: t('storage.unmounted') } as const);
  const facts = [t(KINDS[kind]), source, path, readOnly ? t('storage.readOnly') : null, atStart ? t('storage.atStart') : null];
  return (
    <li>
      <div>
        <strong>{name}</strong>
        <span className={classes.small}>{facts.filter(Boolean).join(' · ')}</span>
        {job?.state === 'failed' && <span className={classes.failed}>{job.reason ?? t('jobs.noReason')}</span>}
      </div>
      <StateBadge state={state} />
      {mayChange && (
        <span className={classes.buttons}>
          <Button variant="default" loading={busy} aria-label={t(mounted ? 'storage.unmountOf' : 'storage.mountOf', { name })} onClick={onTurn}>
            {t(mounted ? 'storage.unmount' : 'storage.mount')}
          </Button>
          <Menu>
            <Menu.Target>
              <Button variant="subtle" color="gray" px={8} aria-label={t('storage.moreOf', { name })}>
                <IconDots size={18} stroke={1.75} />
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={onForget}>{t('storage.forget')}</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </span>
      )}
    </li>
  );
}
