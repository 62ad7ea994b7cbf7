import { Skeleton, Tabs } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type ComponentType, lazy, Suspense, useEffect } from 'react';
import { useMay } from '@/app/session';
import { AsOf } from '@/components/AsOf';
import { PageHead } from '@/components/PageHead';
import { t } from '@/i18n';
import { useStats } from '@/live/streams';
import classes from './System.module.css';

const TABS = {
  overview: lazy(() => import('./overview/Overview')),
  history: lazy(() => import('./history/History')),
  processes: lazy(() => import('./ProcessesTab')),
  services: lazy(() => import('./ServicesTab')),
  networks: lazy(() => import('./NetworksTab')),
  images: lazy(() => import('./ImagesTab')),
  volumes: lazy(() => import('./VolumesTab')),
  registries: lazy(() => import('./RegistriesTab')),
  cleanup: lazy(() => import('./cleanup/CleanUp')),
} satisfies Record<string, ComponentType>;

type Tab = keyof typeof TABS;

const ALL = Object.keys(TABS) as Tab[];
const OF_CONTAINERS: ReadonlySet<Tab> = new Set<Tab>(['networks', 'images', 'volumes', 'cleanup']);

/** The machine and what Docker keeps on it. The address names the part that is shown. */
export default function SystemPage() {
  const navigate = useNavigate();
  const { tab: given } = useParams({ strict: false }) as { tab?: string };
  const seesContainers = useMay('containers:read');
  const { at } = useStats();
  const seesRegistries = useMay('registries:read');
  const tabs = ALL.filter((each) => (each === 'registries' ? seesRegistries : seesContainers || !OF_CONTAINERS.has(each)));
  const tab = tabs.find((each) => each === given) ?? 'overview';
  const Part = TABS[tab];
  useEffect(() => {
    document.querySelector(`.${classes.tabs} [aria-selected='true']`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [tab]);
  return (
    <>
      <PageHead
        title={t('system.title')}
        tabTitle={tab === 'overview' ? t('system.title') : `${t(`system.${tab}`)} · ${t('system.title')}`}
        actions={<AsOf at={at} />}
      />
      <Tabs
        value={tab}
        onChange={(next) => void navigate({ to: next === 'overview' ? '/system' : `/system/${next}` })}
        keepMounted={false}
      >
        <Tabs.List mb={20} aria-label={t('system.tabs')} className={classes.tabs}>
          {tabs.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`system.${each}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map((each) => (
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
