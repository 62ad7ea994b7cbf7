import type { ReactNode } from 'react';
import type { SystemHealth } from '@/api/types';
import { AsOf } from '@/components/AsOf';
import { DockerDown } from '@/components/DockerDown';
import { PageHead } from '@/components/PageHead';
import { countStates } from '@/domain/containers';
import { t } from '@/i18n';
import { duration } from '@/i18n/format';
import type { ContainerWorld } from '@/live/fold';
import { useFigures } from './figureFeed';
import { useConcerns } from './useConcerns';

/** The sentence at the top: what is true about this home right now. */
export function Truth({ actions }: { actions: ReactNode }) {
  const { concerns, health, world } = useConcerns();
  return (
    <>
      <PageHead
        title={sentence(health, world, concerns.length)}
        tabTitle={t('home.title')}
        detail={<Facts world={world} />}
        actions={
          <>
            <Age />
            {actions}
          </>
        }
      />
      {world?.stale && <DockerDown reason={world.reason} titled={false} />}
    </>
  );
}

function Age() {
  return <AsOf at={useFigures().at} />;
}

/** Below the sentence: how many containers run, the machine's name, and since when it is up. */
function Facts({ world }: { world: ContainerWorld | null }) {
  const { stats } = useFigures();
  const counted = world && !world.stale && world.containers.length > 0 ? countStates(world.containers) : null;
  const parts = [
    counted && t('home.runningLine', { running: counted.running, count: counted.total }),
    stats && t('home.hostLine', { host: stats.hostname, uptime: duration(stats.uptimeS) }),
  ];
  return parts.filter(Boolean).join(' · ') || '\u00a0';
}

function sentence(health: SystemHealth | undefined, world: ContainerWorld | null, open: number): string {
  if (world?.stale) return t('home.dockerDown');
  if (open > 0) return t('home.attentionCount', { count: open });
  if (world === null) return health?.sentence ?? t('home.checking');
  const { total, running } = countStates(world.containers);
  if (total === 0) return t('home.noContainers');
  return running === total ? t('home.allWell', { count: total }) : t('home.someRun', { count: total, running });
}
