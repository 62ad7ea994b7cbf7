import { Menu } from '@mantine/core';
import { IconCheckbox, IconExternalLink, IconFileText, IconInfoCircle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { Container } from '@/api/types';
import { useMay } from '@/app/session';
import { addressOf, webPage } from '@/domain/containers';
import { actionsFor, useContainerActions } from '@/domain/useContainerActions';
import { t } from '@/i18n';
import { ACTION_ICONS } from './actionIcons';
import { MenuButton } from './RowMenu';

interface Props {
  container: Container;
  size: number;
  label: string;
  onSelect?: (() => void) | null;
}

/** The menu of a container, open from the start: its first use brings it into being. */
export default function OpenMenu({ container, size, label, onSelect }: Props) {
  const [opened, setOpened] = useState(true);
  const button = useRef<HTMLButtonElement>(null);
  const onChange = (open: boolean) => {
    setOpened(open);
    if (!open) button.current?.focus();
  };
  return (
    <Menu opened={opened} onChange={onChange} width={200} withInitialFocusPlaceholder={false} returnFocus={false}>
      <Menu.Target>
        <MenuButton ref={button} size={size} aria-label={label} />
      </Menu.Target>
      <Menu.Dropdown>
        <Places container={container} />
        <Actions container={container} onSelect={onSelect} />
      </Menu.Dropdown>
    </Menu>
  );
}

/** Where the menu leads to. */
function Places({ container }: Pick<Props, 'container'>) {
  const url = webPage(container);
  const address = addressOf(container);
  return (
    <>
      {url !== null && (
        <Menu.Item
          component="a"
          href={url}
          target="_blank"
          rel="noopener noreferrer"
          leftSection={<IconExternalLink size={18} stroke={1.75} />}
        >
          {t('containers.open')}
        </Menu.Item>
      )}
      <Menu.Item
        leftSection={<IconInfoCircle size={18} stroke={1.75} />}
        renderRoot={(props) => <Link to={address} {...props} />}
      >
        {t('containers.details')}
      </Menu.Item>
      <Menu.Item
        leftSection={<IconFileText size={18} stroke={1.75} />}
        renderRoot={(props) => <Link to={`${address}/logs`} {...props} />}
      >
        {t('containers.logs')}
      </Menu.Item>
    </>
  );
}

/** What the menu does, for someone who may. */
function Actions({ container, onSelect }: Pick<Props, 'container' | 'onSelect'>) {
  const mayChange = useMay('containers:write');
  const { run, busy } = useContainerActions();
  if (!mayChange) return null;
  return (
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
  );
}
