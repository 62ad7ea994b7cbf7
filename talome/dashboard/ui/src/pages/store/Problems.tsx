import { Modal, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { ErrorNotice } from '@/components/ErrorNotice';
import type { Store } from '@/domain/apps';
import { t } from '@/i18n';
import classes from './Sources.module.css';

/** The apps of a store that cannot be read, each with the reason. */
export default function Problems({ store, onClose }: { store: Store; onClose: () => void }) {
  const found = useQuery({
    queryKey: ['stores', store.id, 'problems'],
    queryFn: () => unwrap(api.GET('/api/stores/{id}/problems', { params: { path: { id: store.id } } })),
  });
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t('sources.problemsOf', { name: store.name })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {found.error !== null ? (
        <ErrorNotice error={found.error} onRetry={() => void found.refetch()} />
      ) : found.data === undefined ? (
        <Skeleton height={120} radius={10} />
      ) : (
        <ul className={classes.reasons}>
          {found.data.map(({ path, reason }) => (
            <li key={path}>
              <strong className="mono">{path}</strong>
              <p>{reason}</p>
            </li>
          ))}
        </ul>
      )}
    </Modal>
  );
}
