import { type ReactNode, useId } from 'react';
import classes from './Detail.module.css';

interface Props {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
  danger?: boolean;
}

/** A titled part of the overview. */
export function Card({ title, actions, children, danger }: Props) {
  const id = useId();
  return (
    <section className={classes.card} aria-labelledby={id} data-danger={danger || undefined}>
      <div className={classes.cardHead}>
        <h2 className={classes.cardTitle} id={id}>
          {title}
        </h2>
        {actions}
      </div>
      {children}
    </section>
  );
}
