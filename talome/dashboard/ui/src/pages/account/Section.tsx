import { type ReactNode, useId } from 'react';
import classes from './Account.module.css';

interface Props {
  title: string;
  text: string;
  children: ReactNode;
}

/** A part of the page: what it is about on one side, what can be done on the other. */
export function Section({ title, text, children }: Props) {
  const id = useId();
  return (
    <section className={classes.section} aria-labelledby={id}>
      <div>
        <h2 className={classes.sectionTitle} id={id}>
          {title}
        </h2>
        <p className={classes.sectionText}>{text}</p>
      </div>
      <div className={classes.content}>{children}</div>
    </section>
  );
}
