import { Button, CloseButton } from '@mantine/core';
import { IconFileText } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { toast, toastError } from '@/components/toasts';
import { isRunning, titleOf } from '@/domain/containers';
import { t } from '@/i18n';
import { ACTION_ICONS } from './actionIcons';
import classes from './Containers.module.css';
import { mergedAddress, MOST_MERGED } from './logs/merged';
import type { Selection } from './useSelection';

const Confirm = lazy(() => import('@/components/Confirm').then((module) => ({ default: module.Confirm })));

const ACTIONS = ['start', 'stop', 'restart'] as const;
type Bulk = (typeof ACTIONS)[number];

const TITLES = {
  start: 'containers.bulkStart',
  stop: 'containers.bulkStop',
  restart: 'containers.bulkRestart',
} as const;

const TEXTS = {
  start: 'containers.bulkStartText',
  stop: 'containers.bulkStopText',
  restart: 'containers.bulkRestartText',
} as const;

/** What can be done to all ticked containers at once, after one confirmation that names them. */
export function BulkBar({ selection, mayChange }: { selection: Selection; mayChange: boolean }) {
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Bulk | null>(null);
  const [sending, setSending] = useState(false);
  const { chosen, clear } = selection;
  if (chosen.length === 0) return null;

  // Starting what runs or stopping what does not would only make the list of names longer.
  const touched = (action: Bulk) =>
    chosen.filter((container) => (action === 'start' ? !isRunning(container) : action === 'stop' ? isRunning(container) : true));

  const send = async (action: Bulk) => {
    setSending(true);
    try {
      await unwrap(api.POST('/api/containers/bulk', { body: { action, ids: touched(action).map(({ id }) => id) } }));
      toast({ tone: 'info', title: t('containers.bulkStarted') });
      clear();
    } catch (error) {
      toastError(t('containers.bulkFailed'), error);
    } finally {
      setSending(false);
      setAsked(null);
    }
  };

  return (
    <>
      <div className={classes.bulk} role="toolbar" aria-label={t('containers.selected', { count: chosen.length })}>
        <strong className="num">{t('containers.selected', { count: chosen.length })}</strong>
        <span className={classes.bulkActions}>
          <Button
            size="compact-md"
            variant="subtle"
            leftSection={<IconFileText size={16} stroke={1.75} />}
            disabled={chosen.length > MOST_MERGED}
            onClick={() => void navigate({ to: mergedAddress(chosen.map(({ name }) => name)) })}
          >
            {t('containers.logs')}
          </Button>
          {(mayChange ? ACTIONS : []).map((action) => {
            const Icon = ACTION_ICONS[action];
            return (
              <Button
                key={action}
                size="compact-md"
                variant="subtle"
                leftSection={<Icon size={16} stroke={1.75} />}
                disabled={touched(action).length === 0}
                onClick={() => setAsked(action)}
              >
                {t(`containers.${action}`)}
              </Button>
            );
          })}
        </span>
        <CloseButton aria-label={t('containers.clearSelection')} onClick={clear} />
      </div>
      <Suspense>
        {asked !== null && (
          <Confirm
            title={t(TITLES[asked], { count: touched(asked).length })}
            names={touched(asked).map(titleOf)}
            confirmLabel={t(`containers.${asked}`)}
            busy={sending}
            onConfirm={() => void send(asked)}
            onClose={() => setAsked(null)}
          >
            {t(TEXTS[asked])}
          </Confirm>
        )}
      </Suspense>
    </>
  );
}
