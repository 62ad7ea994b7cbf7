import { Button } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import type { Container } from '@/api/types';
import { useMay } from '@/app/session';
import { useWide } from '@/app/useWide';
import { webPage } from '@/domain/containers';
import { type Action, actionsFor, useContainerActions } from '@/domain/useContainerActions';
import { t } from '@/i18n';
import { ACTION_ICONS } from '../actionIcons';
import { RowMenu } from '../RowMenu';

const brings = (action: Action): boolean => action === 'start' || action === 'unpause';

/** The main actions beside the title. A phone shows the one that matters and has the rest in a menu. */
export function HeadActions({ container }: { container: Container }) {
  const mayChange = useMay('containers:write');
  const wide = useWide();
  const { run, busy } = useContainerActions();
  const url = webPage(container);
  const actions = mayChange ? actionsFor(container).filter((action) => wide || brings(action)) : [];
  return (
    <>
      {actions.map((action) => {
        const Icon = ACTION_ICONS[action];
        return (
          <Button
            key={action}
            flex={wide ? undefined : 1}
            variant={brings(action) ? 'filled' : 'default'}
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
          flex={wide ? undefined : 1}
          leftSection={<IconExternalLink size={16} stroke={1.75} />}
        >
          {t('containers.open')}
        </Button>
      )}
      {!wide && <RowMenu container={container} size={44} />}
    </>
  );
}
