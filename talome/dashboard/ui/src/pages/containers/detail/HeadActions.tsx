import { Button } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import type { Container } from '@/api/types';
import { useMay } from '@/app/session';
import { webPage } from '@/domain/containers';
import { actionsFor, useContainerActions } from '@/domain/useContainerActions';
import { useWide } from '@/app/useWide';
import { t } from '@/i18n';
import { ACTION_ICONS } from '../actionIcons';
import { RowMenu } from '../RowMenu';

/** The main actions beside the title: open its page, and what its state allows. A phone has them in a menu. */
export function HeadActions({ container }: { container: Container }) {
  const mayChange = useMay('containers:write');
  const { run, busy } = useContainerActions();
  const url = webPage(container);
  const wide = useWide();
  return (
    <>
      {wide &&
        mayChange &&
        actionsFor(container).map((action) => {
          const Icon = ACTION_ICONS[action];
          return (
            <Button
              key={action}
              variant={action === 'start' || action === 'unpause' ? 'filled' : 'default'}
              leftSection={<Icon size={16} stroke={1.75} />}
              disabled={busy(container.id)}
              onClick={() => run(action, container)}
            >
              {t(`containers.${action}`)}
            </Button>
          );
        })}
      {url !== null && (
        <Button
          component="a"
          href={url}
          target="_blank"
          rel="noopener noreferrer"
          leftSection={<IconExternalLink size={16} stroke={1.75} />}
          h={wide ? undefined : 44}
        >
          {t('containers.open')}
        </Button>
      )}
      {!wide && <RowMenu container={container} size={44} />}
    </>
  );
}
