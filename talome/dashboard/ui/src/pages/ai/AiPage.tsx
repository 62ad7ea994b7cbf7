import './texts';
import { Skeleton, Tabs } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type ComponentType, lazy, Suspense } from 'react';
import { may } from '@/app/pages';
import { useUser } from '@/app/session';
import { PageHead } from '@/components/PageHead';
import { t } from '@/i18n';
import classes from './Ai.module.css';

const TABS = {
  usage: { scope: 'gateway:read', part: lazy(() => import('./usage/Usage')) },
  playground: { scope: 'gateway:use', part: lazy(() => import('./playground/Playground')) },
  keys: { scope: 'gateway:read', part: lazy(() => import('./keys/KeysTab')) },
  models: { scope: 'gateway:read', part: lazy(() => import('./models/ModelsTab')) },
  providers: { scope: 'providers:read', part: lazy(() => import('./providers/ProvidersTab')) },
} satisfies Record<string, { scope: string; part: ComponentType }>;

type Tab = keyof typeof TABS;

/** The house's door to language models: what it spends, who may use it, and what stands behind it. */
export default function AiPage() {
  const user = useUser();
  const navigate = useNavigate();
  const { tab: given } = useParams({ strict: false }) as { tab?: string };
  const tabs = (Object.keys(TABS) as Tab[]).filter((each) => may(user, TABS[each].scope));
  const tab = tabs.find((each) => each === given) ?? tabs[0] ?? 'usage';
  const Part = TABS[tab].part;
  return (
    <>
      <PageHead
        title={t('ai.title')}
        detail={t('ai.intro')}
        tabTitle={tab === 'usage' ? t('ai.title') : `${t(`ai.${tab}`)} · ${t('ai.title')}`}
      />
      <Tabs
        value={tab}
        onChange={(next) => void navigate({ to: next === 'usage' ? '/ai' : `/ai/${next}` })}
        keepMounted={false}
      >
        <Tabs.List mb={20} aria-label={t('ai.tabs')} className={classes.tabs}>
          {tabs.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`ai.${each}`)}
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
