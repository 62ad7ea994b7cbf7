import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { explain } from '@/components/explain';
import { t } from '@/i18n';
import { bytes, percent, whole } from '@/i18n/format';
import { Card, Meter } from '../Card';
import classes from '../System.module.css';

type Gpu = components['schemas']['Gpu'];

const REFRESH_MS = 5_000;

/** Graphics cards, or the reason why there is none to show. */
export function Graphics() {
  const gpu = useQuery({
    queryKey: ['system', 'gpu'],
    queryFn: () => unwrap(api.GET('/api/system/gpu')),
    // A machine without a graphics card will not grow one while the page is open.
    refetchInterval: (query) => (query.state.data?.available ? REFRESH_MS : false),
  });
  const reason = gpu.error === null ? gpu.data?.reason : explain(gpu.error).why;
  return (
    <Card title={t('system.graphics')}>
      {gpu.isPending && <Skeleton height={18} width="60%" />}
      {reason && <p className={classes.note}>{reason}</p>}
      <ul className={classes.plain}>
        {(gpu.data?.gpus ?? []).map((card) => (
          <li key={card.index} className={classes.item}>
            <div className={classes.line}>
              <span className={classes.itemName}>{card.name}</span>
              <strong className="num">{card.utilizationPercent === null ? '–' : percent(card.utilizationPercent)}</strong>
            </div>
            {card.utilizationPercent !== null && <Meter percent={card.utilizationPercent} full={null} />}
            <p className={classes.note}>{detail(card)}</p>
          </li>
        ))}
      </ul>
    </Card>
  );
}

const detail = ({ memoryUsedBytes: used, memoryTotalBytes: total, temperatureCelsius, powerW }: Gpu): string =>
  [
    used !== null && total !== null && t('system.graphicsMemory', { used: bytes(used), total: bytes(total) }),
    temperatureCelsius !== null && t('system.celsius', { value: whole(temperatureCelsius) }),
    powerW !== null && t('system.watts', { value: whole(powerW) }),
  ]
    .filter(Boolean)
    .join(' · ');
