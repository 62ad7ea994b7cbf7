import { Popover, UnstyledButton } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { Link, useLocation } from '@tanstack/react-router';
import { useState } from 'react';
import { t } from '@/i18n';
import classes from './BottomBar.module.css';
import type { Page } from './page';

/** The pages that the phone's bar has no room for. */
export function MorePages({ pages }: { pages: Page[] }) {
  const [opened, setOpened] = useState(false);
  const pathname = useLocation({ select: (location) => location.pathname });
  const here = pages.some(({ path }) => pathname === path || pathname.startsWith(`${path}/`));
  return (
    <Popover opened={opened} onChange={setOpened} width={220} position="top-end" trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton className={classes.item} data-status={here ? 'active' : undefined} onClick={() => setOpened(!opened)}>
          <span className={classes.pill}>
            <IconDots size={22} stroke={1.75} aria-hidden />
          </span>
          {t('nav.more')}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className={classes.more} aria-label={t('nav.more')}>
        {pages.map(({ path, title, icon: Icon }) => (
          <Link key={path} to={path} className={classes.choice} onClick={() => setOpened(false)}>
            <Icon size={20} stroke={1.75} aria-hidden />
            {t(title)}
          </Link>
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}
