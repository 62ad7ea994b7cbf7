import { IconChevronLeft } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import classes from './BackLink.module.css';

/** The way to the page that this one was opened from. */
export function BackLink({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Link to={to} className={classes.back}>
      <IconChevronLeft size={16} aria-hidden />
      {children}
    </Link>
  );
}
