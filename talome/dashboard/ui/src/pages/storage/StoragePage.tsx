import './texts';
import { lazy } from 'react';
import { TabbedPage } from '@/components/TabbedPage';
import { t } from '@/i18n';

const PARTS = {
  overview: lazy(() => import('./Overview')),
  usage: lazy(() => import('./usage/Usage')),
  cleanup: lazy(() => import('./CleanUp')),
  mounts: lazy(() => import('./mounts/Mounts')),
};

/** The disks of this machine and what is on them. */
export default function StoragePage() {
  return (
    <TabbedPage<keyof typeof PARTS>
      path="/storage"
      title={t('storage.title')}
      label={t('storage.tabs')}
      parts={PARTS}
      name={(tab) => t(`storage.${tab}`)}
    />
  );
}
