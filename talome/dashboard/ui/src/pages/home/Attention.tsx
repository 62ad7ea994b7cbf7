import { Button } from '@mantine/core';
import { IconAlertCircle, IconAlertTriangle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMay } from '@/app/session';
import { addressOf } from '@/domain/containers';
import { useContainerActions } from '@/domain/useContainerActions';
import { t } from '@/i18n';
import type { Concern } from './attention';
import classes from './Home.module.css';

/** The list of what needs a person, each with one button where Talome can help. */
export function Attention({ concerns }: { concerns: Concern[] }) {
  if (concerns.length === 0) return null;
  return (
    <section className={classes.section} aria-labelledby="home-attention">
      <h2 className={classes.sectionTitle} id="home-attention">
        {t('home.attention')}
      </h2>
      <ul className={classes.concerns}>
        {concerns.map((concern) => (
          <ConcernRow key={concern.id} concern={concern} />
        ))}
      </ul>
    </section>
  );
}

function ConcernRow({ concern: { severity, title, detail, container, remedy } }: { concern: Concern }) {
  const { run, busy } = useContainerActions();
  const mayChange = useMay('containers:write');
  const Icon = severity === 'critical' ? IconAlertCircle : IconAlertTriangle;
  return (
    <li className={classes.concern} data-severity={severity}>
      <Icon size={20} stroke={1.75} aria-hidden />
      <div className={classes.concernWords}>
        <strong>{title}</strong>
        <p>{detail}</p>
      </div>
      {container && remedy === 'start' && mayChange ? (
        <Button variant="default" size="xs" loading={busy(container.id)} onClick={() => run('start', container)}>
          {t('home.startAgain')}
        </Button>
      ) : (
        container && (
          <Button
            variant="default"
            size="xs"
            renderRoot={(props) => <Link to={`${addressOf(container)}/logs`} {...props} />}
          >
            {t('home.seeLog')}
          </Button>
        )
      )}
    </li>
  );
}
