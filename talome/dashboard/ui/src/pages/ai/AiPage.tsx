import './texts';
import { type ComponentType, lazy } from 'react';
import { may } from '@/app/pages';
import { useUser } from '@/app/session';
import { TabbedPage } from '@/components/TabbedPage';
import { t } from '@/i18n';

const TABS = {
  usage: { scope: 'gateway:read', part: lazy(() => import('./usage/Usage')) },
  playground: { scope: 'gateway:use', part: lazy(() => import('./playground/Playground')) },
  keys: { scope: 'gateway:read', part: lazy(() => import('./keys/KeysTab')) },
  models: { scope: 'gateway:read', part: lazy(() => import('./models/ModelsTab')) },
  providers: { scope: 'providers:read', part: lazy(() => import('./providers/ProvidersTab')) },
} satisfies Record<string, { scope: string; part: ComponentType }>;

type Tab = keyof typeof TABS;
const ALL = Object.keys(TABS) as Tab[];

/** The house's door to language models: what it spends, who may use it, and what stands behind it. */
export default function AiPage() {
  const user = useUser();
  const seen = ALL.filter((each) => may(user, TABS[each].scope));
  const parts = Object.fromEntries((seen.length > 0 ? seen : ALL.slice(0, 1)).map((each) => [each, TABS[each].part]));
  return (
    <TabbedPage<Tab>
      path="/ai"
      title={t('ai.title')}
      detail={t('ai.intro')}
      label={t('ai.tabs')}
      parts={parts}
      name={(tab) => t(`ai.${tab}`)}
    />
  );
}
