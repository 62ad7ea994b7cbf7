import './texts';
import { lazy } from 'react';
import { TabbedPage } from '@/components/TabbedPage';
import { t } from '@/i18n';

const PARTS = {
  notes: lazy(() => import('./notes/NotesTab')),
  review: lazy(() => import('./review/ReviewTab')),
  entities: lazy(() => import('./entities/EntitiesTab')),
  context: lazy(() => import('./packs/ContextTab')),
  sources: lazy(() => import('./sources/SourcesTab')),
  webhooks: lazy(() => import('./webhooks/WebhooksTab')),
  transfer: lazy(() => import('./transfer/TransferTab')),
};

/** What this house remembers: notes, what they are about, what they come from, and who is told. */
export default function MemoryPage() {
  return (
    <TabbedPage<keyof typeof PARTS>
      path="/memory"
      title={t('memory.title')}
      detail={t('memory.intro')}
      label={t('memory.tabs')}
      parts={PARTS}
      name={(tab) => t(`memory.${tab}`)}
    />
  );
}
