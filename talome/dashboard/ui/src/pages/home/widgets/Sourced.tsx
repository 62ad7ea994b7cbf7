import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import type { WidgetManifest } from '@/api/types';
import { explain } from '@/components/explain';
import { t } from '@/i18n';
import { useSource } from './source';
import classes from './Widgets.module.css';

interface Props {
  manifest: Extract<WidgetManifest, { source: unknown }>;
  route: string | null;
  /** Given the answer, and when it came. */
  children: (answer: unknown, askedAt: number) => ReactNode;
}

/** Asks for what a widget shows; says so where the answer does not come. */
export function Sourced({ manifest, route, children }: Props) {
  const { data, error, dataUpdatedAt } = useSource(route, manifest.source, manifest.refreshS ?? 30);
  if (data !== undefined) return children(data, dataUpdatedAt);
  if (error === null) return <Skeleton height={34} width="60%" />;
  return (
    <p className={classes.problem}>
      {t('home.widgetProblem')}: {explain(error).why ?? explain(error).what}
    </p>
  );
}
