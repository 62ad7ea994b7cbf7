import { Menu, Modal } from '@mantine/core';
import { Fragment } from 'react';
import { t } from '@/i18n';
import type { Action } from './actions';
import classes from './ActionsMenu.module.css';

interface Props {
  title: string;
  actions: Action[];
  at: { x: number; y: number };
  wide: boolean;
  onClose: () => void;
}

/** The actions at a point of the screen; on a phone as a sheet at its foot. */
export default function ActionsMenu({ title, actions, at, wide, onClose }: Props) {
  if (!wide) return <Sheet title={title} actions={actions} onClose={onClose} />;
  return (
    <Menu opened onClose={onClose} position="bottom-start" width={240} offset={4} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <button type="button" tabIndex={-1} className={classes.point} style={{ left: at.x, top: at.y }} aria-label={title} />
      </Menu.Target>
      <Menu.Dropdown aria-label={title}>
        {actions.map(({ id, label, icon: Icon, keys, danger, parted, run }, index) => (
          <Fragment key={id}>
            {parted && index > 0 && <Menu.Divider />}
            <Menu.Item
              color={danger ? 'red' : undefined}
              leftSection={<Icon size={18} stroke={1.75} />}
              rightSection={keys && <kbd className={classes.keys}>{keys}</kbd>}
              onClick={run}
            >
              {label}
            </Menu.Item>
          </Fragment>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Sheet({ title, actions, onClose }: Pick<Props, 'title' | 'actions' | 'onClose'>) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={<span className={classes.title}>{title}</span>}
      padding="md"
      classNames={{ inner: classes.inner, content: classes.content }}
      transitionProps={{ duration: 160, transition: 'slide-up' }}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <ul className={classes.sheet}>
        {actions.map(({ id, label, icon: Icon, danger, run }) => (
          <li key={id}>
            <button
              type="button"
              data-danger={danger || undefined}
              onClick={() => {
                onClose();
                run();
              }}
            >
              <Icon size={20} stroke={1.75} aria-hidden />
              {label}
            </button>
          </li>
        ))}
      </ul>
    </Modal>
  );
}
