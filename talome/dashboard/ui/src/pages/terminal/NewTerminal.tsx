import { Button, Menu } from '@mantine/core';
import { IconBox, IconPlus, IconServer2 } from '@tabler/icons-react';
import { useMay } from '@/app/session';
import { titleOf } from '@/domain/containers';
import { t } from '@/i18n';
import { useContainers } from '@/live/streams';
import classes from './Terminal.module.css';

interface Props {
  busy: boolean;
  onOpen: (container: string | null) => void;
}

/** The button that opens a terminal: on the machine, for those who may, or in a container that runs. */
export function NewTerminal({ busy, onOpen }: Props) {
  const mayHost = useMay('terminal:host');
  const mayExec = useMay('containers:exec');
  const { data } = useContainers(mayExec);
  const running = (data?.containers ?? [])
    .filter(({ state }) => state === 'running')
    .sort((a, b) => titleOf(a).localeCompare(titleOf(b)));
  return (
    <Menu width={280} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button leftSection={<IconPlus size={16} />} loading={busy}>
          {t('terminal.new')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={classes.choices}>
        {mayHost && (
          <Menu.Item leftSection={<IconServer2 size={18} stroke={1.75} />} onClick={() => onOpen(null)}>
            {t('terminal.host')}
          </Menu.Item>
        )}
        {mayExec && (
          <>
            {mayHost && <Menu.Divider />}
            {running.length === 0 && <Menu.Item disabled>{t('terminal.noneRunning')}</Menu.Item>}
            {running.map((container) => (
              <Menu.Item
                key={container.id}
                leftSection={<IconBox size={18} stroke={1.75} />}
                onClick={() => onOpen(container.id)}
              >
                {titleOf(container)}
              </Menu.Item>
            ))}
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
