import { Popover, UnstyledButton } from '@mantine/core';
import { IconLogout, IconUser } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { SchemeSwitch } from '@/components/SchemeSwitch';
import { t } from '@/i18n';
import { useUser } from './session';
import { signOut } from './signOut';
import classes from './TopBar.module.css';

/** Who is signed in, the theme, and the way out. */
export function PersonMenu({ size }: { size: number }) {
  const user = useUser();
  const [opened, setOpened] = useState(false);
  const name = user.displayName ?? user.username;
  const label = t('person.menu', { name });
  return (
    <Popover opened={opened} onChange={setOpened} width={240} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton className={classes.person} w={size} h={size} aria-label={label} onClick={() => setOpened(!opened)}>
          <span className={classes.initial} aria-hidden>
            {name.slice(0, 1).toUpperCase()}
          </span>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown} aria-label={label}>
        <div className={classes.who} tabIndex={-1} data-autofocus>
          <strong>{name}</strong>
          <span>{t(user.role === 'admin' ? 'person.admin' : 'person.member')}</span>
        </div>
        <div className={classes.theme}>
          <SchemeSwitch />
        </div>
        <Link to="/account" className={classes.choice} onClick={() => setOpened(false)}>
          <IconUser size={18} stroke={1.75} aria-hidden />
          {t('person.account')}
        </Link>
        <UnstyledButton className={classes.choice} onClick={() => void signOut()}>
          <IconLogout size={18} stroke={1.75} aria-hidden />
          {t('person.signOut')}
        </UnstyledButton>
      </Popover.Dropdown>
    </Popover>
  );
}
