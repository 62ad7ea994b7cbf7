import { IconCpu2, IconDatabase, IconTemperature, type TablerIcon } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { SystemStats } from '@/api/types';
import { t } from '@/i18n';
import { bytes, percent, whole } from '@/i18n/format';
import classes from './Home.module.css';
import { mainDisk, useFigures } from './figureFeed';

interface Reading {
  id: string;
  icon: TablerIcon;
  name: string;
  value: string;
  detail: string | null;
  /** 0 to 1, for the bar; null when there is no known end. */
  share: number | null;
  hot: boolean;
}

const HOT_SHARE = 0.95;
const FULL_PERCENT = 90;
const GPU_REFRESH_MS = 5_000;

const temperatures = (stats: SystemStats): Reading[] =>
  stats.temperatures.map(({ name, celsius, highCelsius }, index) => ({
    id: `temperature ${index}`,
    icon: IconTemperature,
    name,
    value: t('home.celsius', { value: whole(celsius) }),
    detail: highCelsius === null ? null : t('home.sensorHigh', { value: whole(highCelsius) }),
    share: celsius / (highCelsius ?? 100),
    hot: highCelsius !== null && celsius >= highCelsius * HOT_SHARE,
  }));

const otherDisks = (stats: SystemStats): Reading[] =>
  stats.disks
    .filter((disk) => disk !== mainDisk(stats))
    .map((disk) => ({
      id: `disk ${disk.mount}`,
      icon: IconDatabase,
      name: disk.mount,
      value: percent(disk.percent),
      detail: t('home.diskDetail', { free: bytes(disk.freeBytes), total: bytes(disk.totalBytes) }),
      share: disk.percent / 100,
      hot: disk.percent >= FULL_PERCENT,
    }));

/** What the machine has besides the four figures: further disks, graphics, temperatures. Nothing when it has none. */
export function Sensors() {
  const { stats } = useFigures();
  const graphics = useGraphics();
  if (stats === null) return null;
  const readings = [...otherDisks(stats), ...graphics, ...temperatures(stats)];
  if (readings.length === 0) return null;
  return (
    <section className={classes.section} aria-labelledby="home-sensors">
      <h2 className={classes.sectionTitle} id="home-sensors">
        {t('home.sensors')}
      </h2>
      <ul className={classes.readings}>
        {readings.map(({ id, icon: Icon, name, value, detail, share, hot }) => (
          <li key={id} className={classes.reading} data-hot={hot || undefined}>
            <Icon size={18} stroke={1.75} aria-hidden />
            <div className={classes.readingBody}>
              <div className={classes.readingLine}>
                <span className={classes.readingName}>{name}</span>
                <strong className="num">{value}</strong>
              </div>
              {share !== null && (
                <div className={classes.meter} aria-hidden>
                  <span style={{ width: `${Math.min(1, share) * 100}%` }} />
                </div>
              )}
              {detail !== null && <div className={classes.readingDetail}>{detail}</div>}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function useGraphics(): Reading[] {
  const gpu = useQuery({
    queryKey: ['system', 'gpu'],
    queryFn: () => unwrap(api.GET('/api/system/gpu')),
    // A machine without a graphics card will not grow one while the page is open.
    refetchInterval: (query) => (query.state.data?.available ? GPU_REFRESH_MS : false),
  });
  return (gpu.data?.gpus ?? []).map((card) => {
    const { utilizationPercent, memoryUsedBytes, memoryTotalBytes, temperatureCelsius } = card;
    const parts = [
      memoryUsedBytes !== null && memoryTotalBytes !== null
        ? t('home.gpuMemory', { used: bytes(memoryUsedBytes), total: bytes(memoryTotalBytes) })
        : null,
      temperatureCelsius !== null ? t('home.celsius', { value: whole(temperatureCelsius) }) : null,
    ].filter((part) => part !== null);
    return {
      id: `gpu ${card.index}`,
      icon: IconCpu2,
      name: card.name,
      value: utilizationPercent === null ? '–' : percent(utilizationPercent),
      detail: parts.length > 0 ? parts.join(' · ') : null,
      share: utilizationPercent === null ? null : utilizationPercent / 100,
      hot: false,
    };
  });
}
