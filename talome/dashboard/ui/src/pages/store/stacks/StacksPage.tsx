import './texts';
import { Skeleton } from '@mantine/core';
import { IconStack2 } from '@tabler/icons-react';
import { BackLink } from '@/components/BackLink';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { PageHead } from '@/components/PageHead';
import { useFreshAfterJobs } from '@/domain/apps';
import { t } from '@/i18n';
import { StackCard } from './StackCard';
import { useStacks } from './stacks';
import classes from './Stacks.module.css';

/** All stacks of all stores. */
export default function StacksPage() {
  useFreshAfterJobs(true);
  const stacks = useStacks();
  return (
    <>
      <BackLink to="/store">{t('store.title')}</BackLink>
      <PageHead title={t('stacks.title')} detail={t('stacks.intro')} />
      {stacks.error !== null && stacks.data === undefined ? (
        <ErrorNotice what={t('stacks.failed')} error={stacks.error} onRetry={() => void stacks.refetch()} />
      ) : stacks.data === undefined ? (
        <div className={classes.grid} role="status" aria-label={t('app.loading')}>
          {[0, 1, 2, 3, 4, 5].map((key) => (
            <Skeleton key={key} height={148} radius={16} />
          ))}
        </div>
      ) : stacks.data.length === 0 ? (
        <EmptyState icon={<IconStack2 size={26} stroke={1.75} />} title={t('stacks.none')} text={t('stacks.noneText')} />
      ) : (
        <ul className={classes.grid}>
          {stacks.data.map((stack) => (
            <StackCard key={stack.id} stack={stack} />
          ))}
        </ul>
      )}
    </>
  );
}
