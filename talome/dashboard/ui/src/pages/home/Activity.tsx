import { IconBell, IconCheck, IconClock, IconLoader2, IconPencil, IconX, type TablerIcon } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, unwrap } from '@/api/client';
import type { Job } from '@/api/types';
import { useBell } from '@/app/notifications';
import { useMay } from '@/app/session';
import { Time } from '@/components/Time';
import { t } from '@/i18n';
import { useJobs } from '@/live/streams';
import { type Happening, fromAudit, fromJob, fromNotification, latest } from './happenings';
import classes from './Home.module.css';

const AUDIT_REFRESH_MS = 60_000;
const AUDIT_LOOKED_AT = 40;
const ICONS: Record<Happening['icon'], TablerIcon> = {
  done: IconCheck,
  failed: IconX,
  running: IconLoader2,
  waiting: IconClock,
  news: IconBell,
  change: IconPencil,
};

/** What happened lately: long work, news of the house, and, for those who may read the audit log, who changed what. */
export default function Activity() {
  const jobs = useJobs().data ?? NO_JOBS;
  const news = useBell().data?.items ?? [];
  const log = useQuery({
    queryKey: ['audit', 'home'],
    queryFn: () => unwrap(api.GET('/api/audit-log', { params: { query: { limit: AUDIT_LOOKED_AT, outcome: 'ok' } } })),
    refetchInterval: AUDIT_REFRESH_MS,
    enabled: useMay('audit:read'),
  });
  const happenings = latest([
    ...jobs.map(fromJob),
    ...news.map(fromNotification),
    ...(log.data?.entries ?? []).map(fromAudit).filter((entry) => entry !== null),
  ]);
  return (
    <section className={classes.section} aria-labelledby="home-activity">
      <h2 className={classes.sectionTitle} id="home-activity">
        {t('home.activity')}
      </h2>
      {happenings.length === 0 ? (
        <p className={classes.quiet}>{t('home.quiet')}</p>
      ) : (
        <ul className={classes.happenings}>
          {happenings.map((happening) => (
            <Line key={happening.id} happening={happening} />
          ))}
        </ul>
      )}
    </section>
  );
}

const NO_JOBS: Job[] = [];

function Line({ happening: { icon, text, link, at } }: { happening: Happening }) {
  const Icon = ICONS[icon];
  return (
    <li className={classes.happening} data-icon={icon}>
      <Icon size={16} stroke={1.75} aria-hidden />
      <span className={classes.happeningText}>{link === null ? text : <Link to={link}>{text}</Link>}</span>
      <Time iso={at} />
    </li>
  );
}
