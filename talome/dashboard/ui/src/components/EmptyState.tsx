import type { ReactNode } from 'react';
import classes from './Notice.module.css';

interface Props {
  icon: ReactNode;
  title: string;
  text: string;
  action?: ReactNode;
}

/** A place that has nothing to show: one sentence, and one action where there is one. */
export function EmptyState({ icon, title, text, action }: Props) {
  return (
    <section className={classes.notice}>
      <span className={classes.emptyIcon} aria-hidden>
        {icon}
      </span>
      <h2 className={classes.title}>{title}</h2>
      <p className={classes.text}>{text}</p>
      {action !== undefined && <div className={classes.actions}>{action}</div>}
    </section>
  );
}
