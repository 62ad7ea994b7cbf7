import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Container, ContainerDetail } from '@/api/types';
import { ErrorNotice } from '@/components/ErrorNotice';
import { t } from '@/i18n';
import { useDetail } from './useDetail';

interface Props {
  container: Container;
  children: (detail: ContainerDetail) => ReactNode;
}

/** A part of the page that needs all particulars: its shape while they come, the reason where they do not. */
export function DetailPart({ container, children }: Props) {
  const detail = useDetail(container);
  if (detail.error !== null) {
    return <ErrorNotice what={t('container.loadFailed')} error={detail.error} onRetry={() => void detail.refetch()} />;
  }
  if (detail.data === undefined) {
    return (
      <div role="status" aria-label={t('app.loading')}>
        <Skeleton height={380} radius={14} />
      </div>
    );
  }
  return children(detail.data);
}
