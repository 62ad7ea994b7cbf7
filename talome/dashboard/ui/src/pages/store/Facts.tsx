import { IconArrowUpRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { addressInStore, type AppDetail } from '@/domain/apps';
import { t } from '@/i18n';
import classes from './StoreApp.module.css';

const MACHINES: Record<string, string> = { amd64: 'PC (amd64)', arm64: 'ARM (arm64)' };

/** Only addresses that a browser may follow without harm. */
const safe = (url: string | null): string | null => (url !== null && /^https?:\/\//i.test(url) ? url : null);

/** What is known of an app, in short. */
export function Facts({ app }: { app: AppDetail }) {
  const machines = app.architectures.map((name) => MACHINES[name] ?? name).join(', ');
  const links = [
    [t('storeApp.website'), safe(app.website)],
    [t('storeApp.repository'), safe(app.repository)],
    [t('storeApp.support'), safe(app.support)],
  ].filter((link): link is [string, string] => link[1] !== null);
  return (
    <aside className={classes.facts} aria-label={t('storeApp.facts')}>
      <dl>
        <Fact name={t('storeApp.version')}>{app.version || null}</Fact>
        <Fact name={t('storeApp.developer')}>{app.developer || null}</Fact>
        <Fact name={t('storeApp.category')}>
          <Link to="/store" search={{ category: app.category }}>
            {t(`category.${app.category}`)}
          </Link>
        </Fact>
        <Fact name={t('storeApp.store')}>{app.storeName}</Fact>
        <Fact name={t('storeApp.runsOn')}>{machines || t('storeApp.anyMachine')}</Fact>
        <Fact name={t('storeApp.signIn')}>{app.web === null ? null : signIn(app)}</Fact>
        <Fact name={t('storeApp.requires')}>
          {app.requires.length > 0 &&
            app.requires.map((id) => (
              <Link key={id} className={classes.link} to={addressInStore(id)}>
                {id}
              </Link>
            ))}
        </Fact>
        <Fact name={t('storeApp.links')}>
          {links.length > 0 &&
            links.map(([label, url]) => (
              <a key={label} className={classes.link} href={url} target="_blank" rel="noopener noreferrer">
                {label}
                <IconArrowUpRight size={14} stroke={1.75} aria-hidden />
              </a>
            ))}
        </Fact>
      </dl>
      <details className={classes.fold}>
        <summary>{t('storeApp.images')}</summary>
        <ul className="mono">
          {app.images.map((image) => (
            <li key={image}>{image}</li>
          ))}
        </ul>
      </details>
      <details className={classes.fold}>
        <summary>{t('storeApp.compose')}</summary>
        <pre tabIndex={0} aria-label={t('storeApp.compose')}>
          {app.compose}
        </pre>
      </details>
    </aside>
  );
}

function signIn({ username, passwordKind }: AppDetail): string {
  if (passwordKind === 'none') return username ? t('storeApp.user', { name: username }) : t('storeApp.ownAccount');
  const user = username ? `${t('storeApp.user', { name: username })}. ` : '';
  return user + t(passwordKind === 'generated' ? 'storeApp.generated' : 'storeApp.fixed');
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === false || children === '') return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
