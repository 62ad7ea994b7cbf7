import { Skeleton, Tabs } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type ComponentType, type ReactNode, Suspense, useEffect, useRef } from 'react';
import { PageHead } from '@/components/PageHead';
import { t } from '@/i18n';
import classes from './TabbedPage.module.css';

interface Props<Tab extends string> {
  /** The page's own address, which shows the first part; the others are below it. */
  path: string;
  title: string;
  /** What the row of tabs is called to those who do not see it. */
  label: string;
  /** In the order of the tabs; at least one. */
  parts: Partial<Record<Tab, ComponentType>>;
  name: (tab: Tab) => string;
  detail?: string;
  actions?: ReactNode;
}

/** A page in several parts, of which the address names the one that is shown. */
export function TabbedPage<Tab extends string>({ path, title, label, parts, name, detail, actions }: Props<Tab>) {
  const navigate = useNavigate();
  const { tab: given } = useParams({ strict: false }) as { tab?: string };
  const tabs = Object.keys(parts) as Tab[];
  const shown = tabs.find((each) => each === given) ?? (tabs[0] as Tab);
  const Part = parts[shown] as ComponentType;
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // On a phone the chosen one may be outside of what is seen.
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [shown]);
  return (
    <>
      <PageHead
        title={title}
        detail={detail}
        tabTitle={shown === tabs[0] ? title : `${name(shown)} · ${title}`}
        actions={actions}
      />
      <Tabs
        value={shown}
        onChange={(next) => void navigate({ to: next === tabs[0] ? path : `${path}/${next}` })}
        keepMounted={false}
      >
        <Tabs.List ref={list} mb={20} aria-label={label} className={classes.tabs}>
          {tabs.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {name(each)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={shown}>
          <Suspense fallback={<Skeleton height={320} radius={14} role="status" aria-label={t('app.loading')} />}>
            <Part />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
