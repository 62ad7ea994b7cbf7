import { IconPlugConnectedX } from '@tabler/icons-react';
import { t } from '@/i18n';
import classes from './Home.module.css';

/** Docker is away: what happened, why it matters, what to do. */
export function DockerDown({ reason }: { reason: string | null }) {
  return (
    <section className={classes.docker} role="alert">
      <IconPlugConnectedX size={22} stroke={1.75} aria-hidden />
      <div>
        <strong>{t('home.dockerTitle')}</strong>
        <p>{t('home.dockerWhy')}</p>
        {reason !== null && <p>{reason}</p>}
        <p>{t('home.dockerDo')}</p>
      </div>
    </section>
  );
}
