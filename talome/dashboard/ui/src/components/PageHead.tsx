import { type ReactNode, useEffect } from 'react';
import { t } from '@/i18n';
import classes from './PageHead.module.css';

interface Props {
  title: string;
  /** The name in the browser's tab, when the heading is a whole sentence. */
  tabTitle?: string;
  detail?: ReactNode;
  actions?: ReactNode;
  before?: ReactNode;
  /** Keeps the heading for screen readers and the browser's tab only. */
  hidden?: boolean;
}

/** The heading of a page; it also names the browser's tab. */
export function PageHead({ title, tabTitle = title, detail, actions, before, hidden }: Props) {
  useEffect(() => {
    document.title = `${tabTitle} · ${t('app.name')}`;
  }, [tabTitle]);
  if (hidden) return null;
  return (
    <header className={classes.head}>
      {before}
      <div className={classes.words}>
        <h1 className={classes.title}>{title}</h1>
        {detail !== undefined && <div className={classes.detail}>{detail}</div>}
      </div>
      {actions !== undefined && <div className={classes.actions}>{actions}</div>}
    </header>
  );
}
