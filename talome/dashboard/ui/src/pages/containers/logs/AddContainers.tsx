import { ActionIcon, Popover } from '@mantine/core';
import { IconStack2 } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import type { Container } from '@/api/types';
import { t } from '@/i18n';
import classes from './Logs.module.css';

const ChooseContainers = lazy(() => import('./ChooseContainers'));

/** Chooses whose logs are shown as one. The choice is part of the address, so it can be kept and shared. */
export function AddContainers({ shown }: { shown: Container[] }) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon
          variant="default"
          size={36}
          className={classes.tool}
          aria-label={t('logs.merge')}
          title={t('logs.merge')}
          onClick={() => setOpened(!opened)}
        >
          <IconStack2 size={18} stroke={1.75} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('logs.merge')} className={classes.options}>
        <Suspense>
          <ChooseContainers shown={shown} onDone={() => setOpened(false)} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
