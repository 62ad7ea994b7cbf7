import { ActionIcon, Menu } from '@mantine/core';
import { IconCheckbox, IconDots, IconExternalLink, IconFileText, IconInfoCircle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Container } from '@/api/types';
import { useMay } from '@/app/session';
import { addressOf, titleOf, webPage } from '@/domain/containers';
import { actionsFor, useContainerActions } from '@/domain/useContainerActions';
import { t } from '@/i18n';
import { ACTION_ICONS } from './actionIcons';

interface Props {
  container: Container;
  size?: number;
  /** Offers to tick the container, where there are no ticks yet. */
  onSelect?: (() => void) | null;
}

/** The actions of one container. The menu itself is made when it is first opened: a list has many rows. */
export function RowMenu({ container, size = 34, onSelect }: Props) {
  const [used, setUsed] = useState(false);
  const [opened, setOpened] = useState(false);
  const open = () => {
    setUsed(true);
    setOpened(true);
  };
  const label = t('containers.rowMenu', { name: titleOf(container) });
  const button = (
    <ActionIcon size={size} aria-label={label} aria-haspopup="menu" aria-expanded={opened} onClick={used ? undefined : open}>
      <IconDots size={18} stroke={1.75} />
    </ActionIcon>
  );
  if (!used) return button;
  return (
    <Menu opened={opened} onChange={setOpened} width={200}>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
        <Items container={container} onSelect={onSelect} />
      </Menu.Dropdown>
    </Menu>
  );
}

function Items({ container, onSelect }: Pick<Props, 'container' | 'onSelect'>) {
  const mayChange = useMay('containers:write');
  const { run, busy } = useContainerActions();
  const url = webPage(container);
  const address = addressOf(container);
  return (
    <>
      {url !== null && (
        <Menu.Item component="a" href={url} target="_blank" rel="noopener noreferrer" leftSection={<IconExternalLink size={18} stroke={1.75} />}>
          {t('containers.open')}
        </Menu.Item>
      )}
      <Menu.Item leftSection={<IconInfoCircle size={18} stroke={1.75} />} renderRoot={(props) => <Link to={address} {...props} />}>
        {t('containers.details')}
      </Menu.Item>
      <Menu.Item leftSection={<IconFileText size={18} stroke={1.75} />} renderRoot={(props) => <Link to={`${address}/logs`} {...props} />}>
        {t('containers.logs')}
      </Menu.Item>
      {mayChange && (
        <>
          <Menu.Divider />
          {actionsFor(container).map((action) => {
            const Icon = ACTION_ICONS[action];
            return (
              <Menu.Item
                key={action}
                disabled={busy(container.id)}
                leftSection={<Icon size={18} stroke={1.75} />}
                onClick={() => run(action, container)}
              >
                {t(`containers.${action}`)}
              </Menu.Item>
            );
          })}
          {onSelect && (
            <Menu.Item leftSection={<IconCheckbox size={18} stroke={1.75} />} onClick={onSelect}>
              {t('containers.choose')}
            </Menu.Item>
          )}
        </>
      )}
    </>
  );
}
