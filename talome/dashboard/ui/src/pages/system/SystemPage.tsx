import { lazy } from 'react';
import { useMay } from '@/app/session';
import { AsOf } from '@/components/AsOf';
import { TabbedPage } from '@/components/TabbedPage';
import { t } from '@/i18n';
import { useStats } from '@/live/streams';

const PARTS = {
  overview: lazy(() => import('./overview/Overview')),
  history: lazy(() => import('./history/History')),
  processes: lazy(() => import('./ProcessesTab')),
  services: lazy(() => import('./ServicesTab')),
  networks: lazy(() => import('./NetworksTab')),
  images: lazy(() => import('./ImagesTab')),
  volumes: lazy(() => import('./VolumesTab')),
  registries: lazy(() => import('./RegistriesTab')),
  cleanup: lazy(() => import('./cleanup/CleanUp')),
};

type Tab = keyof typeof PARTS;

const ALL = Object.keys(PARTS) as Tab[];
const OF_CONTAINERS: ReadonlySet<Tab> = new Set<Tab>(['networks', 'images', 'volumes', 'cleanup']);

/** The machine and what Docker keeps on it. */
export default function SystemPage() {
  const seesContainers = useMay('containers:read');
  const { at } = useStats();
  const seesRegistries = useMay('registries:read');
  const seen = ALL.filter((each) => (each === 'registries' ? seesRegistries : seesContainers || !OF_CONTAINERS.has(each)));
  return (
    <TabbedPage<Tab>
      path="/system"
      title={t('system.title')}
      label={t('system.tabs')}
      parts={Object.fromEntries(seen.map((each) => [each, PARTS[each]]))}
      name={(tab) => t(`system.${tab}`)}
      actions={<AsOf at={at} />}
    />
  );
}
