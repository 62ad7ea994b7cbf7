import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconShieldCheck, IconShieldOff } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import type { User } from '@/api/types';
import { useUser } from '@/app/session';
import { AppIcon } from '@/components/AppIcon';
import { Time } from '@/components/Time';
import { t } from '@/i18n';
import classes from './People.module.css';
import type { Open } from './PeoplePage';
import { type Factors, nameOf } from './usePeople';

interface Props {
  user: User;
  /** The address leads here. */
  wanted: boolean;
  factors: Factors | undefined;
  /** False until it is known who has a second factor. */
  known: boolean;
  onOpen: ((what: Open['what']) => void) | null;
}

export function PersonRow({ user, wanted, factors, known, onOpen }: Props) {
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (wanted) row.current?.scrollIntoView({ block: 'center' });
  }, [wanted]);
  const isSelf = useUser().id === user.id;
  const name = nameOf(user);
  const Shield = factors ? IconShieldCheck : IconShieldOff;
  return (
    <li ref={row} className={classes.person} data-wanted={wanted || undefined} data-disabled={user.disabled || undefined}>
      <div className={classes.who}>
        <AppIcon name={name} seed={user.username} size={40} />
        <span className={classes.words}>
          <strong title={name}>
            <bdi>{name}</bdi>
          </strong>
          <span>
            <bdi>{user.username}</bdi>
            {isSelf && ` · ${t('people.you')}`}
          </span>
        </span>
      </div>
      <span className={classes.fact} data-tone={user.disabled ? 'warn' : undefined}>
        {t(user.disabled ? 'people.disabled' : user.role === 'admin' ? 'people.admin' : 'people.member')}
      </span>
      <span className={classes.fact} data-tone={factors ? 'ok' : undefined}>
        {known && (
          <>
            <Shield size={16} stroke={1.75} aria-hidden />
            {factorWords(factors)}
          </>
        )}
      </span>
      <span className={classes.fact}>
        {user.lastLoginAt ? <Time iso={user.lastLoginAt} /> : t('people.never')}
      </span>
      {onOpen && <PersonMenu user={user} isSelf={isSelf} hasFactor={factors !== undefined} onOpen={onOpen} />}
    </li>
  );
}

function factorWords(factors: Factors | undefined): string {
  if (factors === undefined) return t('people.factorOff');
  const keys = factors.passkeys > 0 ? t('people.factorKeys', { count: factors.passkeys }) : null;
  return [factors.authenticator ? t('people.factorApp') : null, keys].filter(Boolean).join(', ');
}

interface MenuProps {
  user: User;
  isSelf: boolean;
  hasFactor: boolean;
  onOpen: (what: Open['what']) => void;
}

/** One's own password and second factors are changed on the account page, with the password. */
function PersonMenu({ user, isSelf, hasFactor, onOpen }: MenuProps) {
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon className={classes.menu} size={44} aria-label={t('people.menu', { name: nameOf(user) })}>
          <IconDots size={18} stroke={1.75} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => onOpen('edit')}>{t('people.edit')}</Menu.Item>
        <Menu.Item onClick={() => onOpen('sessions')}>{t('people.sessions')}</Menu.Item>
        {!isSelf && (
          <>
            <Menu.Item onClick={() => onOpen('reset')}>{t('people.reset')}</Menu.Item>
            {hasFactor && <Menu.Item onClick={() => onOpen('removeFactor')}>{t('people.removeFactor')}</Menu.Item>}
            <Menu.Divider />
            <Menu.Item onClick={() => onOpen(user.disabled ? 'enable' : 'disable')}>
              {t(user.disabled ? 'people.enable' : 'people.disable')}
            </Menu.Item>
            <Menu.Item color="red" onClick={() => onOpen('delete')}>
              {t('people.delete')}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
