import { Menu, UnstyledButton } from '@mantine/core';
import { IconLogout, IconUser } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { api, unwrap } from '@/api/client';
import { endSession } from '@/api/session';
import { SchemeSwitch } from '@/components/SchemeSwitch';
import { toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { useUser } from './session';
import classes from './TopBar.module.css';

const signOut = () =>
  unwrap(api.POST('/api/auth/logout')).then(
    () => endSession('signed-out'),
    (error: unknown) => toastError(t('person.signOut'), error),
  );

export function PersonMenu({ size }: { size: number }) {
  const user = useUser();
  const name = user.displayName ?? user.username;
  return (
    <Menu width={232}>
      <Menu.Target>
        <UnstyledButton className={classes.person} w={size} h={size} aria-label={t('person.menu', { name })}>
          <span className={classes.initial} aria-hidden>
            {name.slice(0, 1).toUpperCase()}
          </span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={classes.who}>
          <strong>{name}</strong>
          <span>{t(user.role === 'admin' ? 'person.admin' : 'person.member')}</span>
        </div>
        <div className={classes.theme}>
          <SchemeSwitch />
        </div>
        <Menu.Divider />
        <Menu.Item leftSection={<IconUser size={18} stroke={1.75} />} renderRoot={(props) => <Link to="/account" {...props} />}>
          {t('person.account')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={18} stroke={1.75} />} onClick={() => void signOut()}>
          {t('person.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
