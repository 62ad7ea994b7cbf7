import './texts';
import { Skeleton, Tabs } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type ComponentType, lazy, Suspense, useEffect, useRef } from 'react';
import { PageHead } from '@/components/PageHead';
import { t } from '@/i18n';
import classes from './Memory.module.css';

const TABS = {
  notes: lazy(() => import('./notes/NotesTab')),
  review: lazy(() => import('./review/ReviewTab')),
  entities: lazy(() => import('./entities/EntitiesTab')),
  context: lazy(() => import('./packs/ContextTab')),
  sources: lazy(() => import('./sources/SourcesTab')),
  webhooks: lazy(() => import('./webhooks/WebhooksTab')),
  transfer: lazy(() => import('./transfer/TransferTab')),
} satisfies Record<string, ComponentType>;

type Tab = keyof typeof TABS;
const NAMES = Object.keys(TABS) as Tab[];

/** What this house remembers: notes, what they are about, what they come from, and who is told. */
export default function MemoryPage() {
  const navigate = useNavigate();
  const { tab: given } = useParams({ strict: false }) as { tab?: string };
  const tab = NAMES.find((each) => each === given) ?? 'notes';
  const Part = TABS[tab];
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // On a phone the chosen one may be outside of what is seen.
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [tab]);
  return (
    <>
      <PageHead
        title={t('memory.title')}
        detail={t('memory.intro')}
        tabTitle={tab === 'notes' ? t('memory.title') : `${t(`memory.${tab}`)} · ${t('memory.title')}`}
      />
      <Tabs
        value={tab}
        onChange={(next) => void navigate({ to: next === 'notes' ? '/memory' : `/memory/${next}` })}
        keepMounted={false}
      >
        <Tabs.List ref={list} mb={20} aria-label={t('memory.tabs')} className={classes.tabs}>
          {NAMES.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`memory.${each}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab}>
          <Suspense fallback={<Skeleton height={320} radius={14} role="status" aria-label={t('app.loading')} />}>
            <Part />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
