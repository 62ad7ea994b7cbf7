import './texts';
import { Skeleton, Tabs } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type ComponentType, lazy, Suspense } from 'react';
import { PageHead } from '@/components/PageHead';
import { t } from '@/i18n';
import classes from './Storage.module.css';

const TABS = {
  overview: lazy(() => import('./Overview')),
  usage: lazy(() => import('./usage/Usage')),
  cleanup: lazy(() => import('./CleanUp')),
  mounts: lazy(() => import('./mounts/Mounts')),
} satisfies Record<string, ComponentType>;

type Tab = keyof typeof TABS;

const ALL = Object.keys(TABS) as Tab[];

/** The disks of this machine and what is on them. The address names the part that is shown. */
export default function StoragePage() {
  const navigate = useNavigate();
  const { tab: given } = useParams({ strict: false }) as { tab?: string };
  const tab = ALL.find((each) => each === given) ?? 'overview';
  const Part = TABS[tab];
  return (
    <>
      <PageHead title={t('storage.title')} tabTitle={tab === 'overview' ? t('storage.title') : `${t(`storage.${tab}`)} · ${t('storage.title')}`} />
      <Tabs value={tab} onChange={(next) => void navigate({ to: next === 'overview' ? '/storage' : `/storage/${next}` })} keepMounted={false}>
        <Tabs.List mb={20} aria-label={t('storage.tabs')} className={classes.tabs}>
          {ALL.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`storage.${each}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {ALL.map((each) => (
          <Tabs.Panel key={each} value={each}>
            {each === tab && (
              <Suspense fallback={<Skeleton height={320} radius={14} role="status" aria-label={t('app.loading')} />}>
                <Part />
              </Suspense>
            )}
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}
