import { Button } from '@mantine/core';
import { IconAlertCircle, IconAlertTriangle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMay } from '@/app/session';
import { addressOf } from '@/domain/containers';
import { useContainerActions } from '@/domain/useContainerActions';
import { type PlainKey, t } from '@/i18n';
import { type Concern, REMEDIES } from './attention';
import classes from './Home.module.css';
import { useConcerns } from './useConcerns';

/** The list of what needs a person, the worst first, each with one button that helps or leads to where help is. */
export function Attention() {
  const { concerns } = useConcerns();
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

function ConcernRow({ concern }: { concern: Concern }) {
  const { severity, title, detail } = concern;
  const Icon = severity === 'critical' ? IconAlertCircle : IconAlertTriangle;
  return (
    <li className={classes.concern} data-severity={severity}>
      <Icon size={20} stroke={1.75} role="img" aria-label={t(severity === 'critical' ? 'home.critical' : 'home.warning')} />
      <div className={classes.concernWords}>
        <strong>{title}</strong>
        <p>{detail}</p>
      </div>
      <Remedy concern={concern} />
    </li>
  );
}

function Remedy({ concern: { container, remedy, target } }: { concern: Concern }) {
  const { run, busy } = useContainerActions();
  const mayChange = useMay('containers:write');
  if (container === undefined) return <Way to={REMEDIES[target].path} label={REMEDIES[target].label} />;
  if (remedy === 'start' && mayChange) {
    return (
      <Button variant="default" size="xs" loading={busy(container.id)} onClick={() => run('start', container)}>
        {t('home.startAgain')}
      </Button>
    );
  }
  return <Way to={`${addressOf(container)}/logs`} label="home.seeLog" />;
}

const Way = ({ to, label }: { to: string; label: PlainKey }) => (
  <Button variant="default" size="xs" renderRoot={(props) => <Link to={to} {...props} />}>
    {t(label)}
  </Button>
);
