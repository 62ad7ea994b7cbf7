import { IconPlugConnectedX } from '@tabler/icons-react';
import { t } from '@/i18n';
import classes from './DockerDown.module.css';

interface Props {
  reason: string | null;
  /** False where the page's own heading says that Docker is away. */
  titled?: boolean;
}

/** Docker is away: what happened, why it matters, what to do. */
export function DockerDown({ reason, titled = true }: Props) {
  return (
    <section className={classes.docker} role="alert">
      <IconPlugConnectedX size={22} stroke={1.75} aria-hidden />
      <div>
        {titled && <strong>{t('docker.title')}</strong>}
        <p>{t('docker.why')}</p>
        {reason !== null && <p>{reason}</p>}
        <p>{t('docker.advice')}</p>
      </div>
    </section>
  );
}
