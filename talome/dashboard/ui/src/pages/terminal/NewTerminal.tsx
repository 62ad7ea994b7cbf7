import { Button, Menu } from '@mantine/core';
import { IconBox, IconFileText, IconPlus, IconServer2 } from '@tabler/icons-react';
import { useMay } from '@/app/session';
import { titleOf } from '@/domain/containers';
import { t } from '@/i18n';
import { useContainers } from '@/live/streams';
import type { NewSession } from './model';
import classes from './Terminal.module.css';

interface Props {
  busy: boolean;
  onOpen: (wanted: NewSession) => void;
}

/** The button that opens a terminal: on the machine, for those who may, in a container that runs, or on logs. */
export function NewTerminal({ busy, onOpen }: Props) {
  const mayHost = useMay('terminal:host');
  const mayExec = useMay('containers:exec');
  const mayRead = useMay('containers:read');
  const { data } = useContainers(mayExec || mayRead);
  const running = (data?.containers ?? [])
    .filter(({ state }) => state === 'running')
    .sort((a, b) => titleOf(a).localeCompare(titleOf(b)));
  const projects = [...new Set((data?.containers ?? []).flatMap(({ project }) => project ?? []))].sort();
  return (
    <Menu width={280} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button leftSection={<IconPlus size={16} />} loading={busy}>
          {t('terminal.new')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={classes.choices}>
        {mayHost && (
          <Menu.Item leftSection={<IconServer2 size={18} stroke={1.75} />} onClick={() => onOpen({ kind: 'host' })}>
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
                onClick={() => onOpen({ kind: 'container', container: container.id })}
              >
                {titleOf(container)}
              </Menu.Item>
            ))}
          </>
        )}
        {mayRead && projects.length > 0 && (
          <>
            <Menu.Divider />
            {projects.map((project) => (
              <Menu.Item
                key={project}
                leftSection={<IconFileText size={18} stroke={1.75} />}
                onClick={() => onOpen({ kind: 'compose', project })}
              >
                {t('terminal.logsOf', { project })}
              </Menu.Item>
            ))}
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
