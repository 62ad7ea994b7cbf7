import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import type { SystemHealth, SystemStats } from '@/api/types';
import { useMay } from '@/app/session';
import { AsOf } from '@/components/AsOf';
import { DockerDown } from '@/components/DockerDown';
import { ErrorNotice } from '@/components/ErrorNotice';
import { PageHead } from '@/components/PageHead';
import { countStates } from '@/domain/containers';
import { t } from '@/i18n';
import { duration } from '@/i18n/format';
import type { ContainerWorld } from '@/live/fold';
import { useContainers } from '@/live/streams';
import { Attention } from './Attention';
import { concerns } from './attention';
import { Figures, FiguresSkeleton } from './Figures';
import classes from './Home.module.css';
import { Launcher, LauncherSkeleton } from './Launcher';
import { Sensors } from './Sensors';
import { useFigures } from './useFigures';

const HEALTH_REFRESH_MS = 30_000;

export default function HomePage() {
  const maySeeContainers = useMay('containers:read');
  const maySeeSystem = useMay('system:read');
  const health = useQuery({
    queryKey: ['system', 'health'],
    queryFn: () => unwrap(api.GET('/api/system/health')),
    refetchInterval: HEALTH_REFRESH_MS,
    enabled: maySeeSystem,
  });
  const { stats, at, failure, histories } = useFigures(maySeeSystem);
  const world = useContainers(maySeeContainers);
  const open = concerns(health.data, world.data?.containers);

  return (
    <>
      <PageHead
        title={truth(health.data, world.data, open.length)}
        tabTitle={t('home.title')}
        detail={factsLine(stats, world.data)}
        actions={<AsOf at={at} />}
      />
      {world.data?.stale && <DockerDown reason={world.data.reason} titled={false} />}
      <Attention concerns={open} />
      {maySeeContainers &&
        world.failure === null &&
        (world.data ? <Launcher containers={world.data.containers} /> : <LauncherSkeleton />)}
      {maySeeSystem && (
        <section className={classes.section} aria-labelledby="home-figures">
          <div className={classes.sectionHead}>
            <h2 className={classes.sectionTitle} id="home-figures">
              {t('home.figures')}
            </h2>
            <span className="dim">{t('home.lastHour')}</span>
          </div>
          {failure !== null && stats === null ? (
            <ErrorNotice error={new ApiError(failure.error, failure.status, failure.code)} />
          ) : stats === null ? (
            <FiguresSkeleton />
          ) : (
            <Figures stats={stats} histories={histories} />
          )}
        </section>
      )}
      {stats !== null && <Sensors stats={stats} />}
    </>
  );
}

/** Below the sentence: how many containers run, the machine's name, and since when it is up. */
function factsLine(stats: SystemStats | null, world: ContainerWorld | null): string {
  const counted = world && !world.stale && world.containers.length > 0 ? countStates(world.containers) : null;
  return (
    [
      counted && t('home.runningLine', { running: counted.running, count: counted.total }),
      stats && t('home.hostLine', { host: stats.hostname, uptime: duration(stats.uptimeS) }),
    ]
      .filter(Boolean)
      .join(' · ') || '\u00a0'
  );
}

/** The sentence at the top: what is true about this home right now. */
function truth(health: SystemHealth | undefined, world: ContainerWorld | null, open: number): string {
  if (world?.stale) return t('home.dockerDown');
  if (open > 0) return t('home.attentionCount', { count: open });
  if (world === null) return health?.sentence ?? t('home.checking');
  const { total, running } = countStates(world.containers);
  if (total === 0) return t('home.noContainers');
  return running === total ? t('home.allWell', { count: total }) : t('home.someRun', { count: total, running });
}
