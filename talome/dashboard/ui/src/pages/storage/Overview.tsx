import { IconServerOff } from '@tabler/icons-react';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { StateBadge } from '@/components/StateBadge';
import type { components } from '@/api/schema';
import type { State } from '@/domain/containers';
import { t } from '@/i18n';
import { bytes, percent } from '@/i18n/format';
import { Drives } from './Drives';
import { forecastWords, isSoon } from './forecast';
import classes from './Storage.module.css';
import { type FileSystem, type Forecast, useDisks, useForecasts } from './useStorage';

type Array = components['schemas']['Array'];

const KINDS = { internal: 'storage.internal', removable: 'storage.removable', network: 'storage.network' } as const;
const FULL = 90;

/** How full everything is, and how the disks are. */
export default function Overview() {
  const disks = useDisks();
  const forecasts = useForecasts();
  return (
    <Loaded list={disks}>
      {({ fileSystems, unreachable, arrays, drives, missing }) => (
        <div className={classes.stack}>
          {unreachable.length > 0 && (
            <p className={classes.warning} role="alert">
              {t('storage.unreachable', { names: unreachable.join(', ') })}
            </p>
          )}
          {fileSystems.length === 0 ? (
            <EmptyState icon={<IconServerOff size={26} stroke={1.75} />} title={t('storage.nothing')} text={t('storage.nothingText')} />
          ) : (
            <ul className={classes.cards} aria-label={t('storage.fileSystems')}>
              {fileSystems.map((each) => (
                <Card key={each.mount} system={each} forecast={forecasts.data?.find(({ mount }) => mount === each.mount)} />
              ))}
            </ul>
          )}
          {arrays.length > 0 && <Arrays arrays={arrays} />}
          <Drives drives={drives} />
          {missing.length > 0 && (
            <ul className={classes.missing} aria-label={t('storage.missing')}>
              {missing.map((each) => (
                <li key={each}>{each}</li>
              ))}
            </ul>
          )}
        </div>
      )}
    </Loaded>
  );
}

function Card({ system, forecast }: { system: FileSystem; forecast: Forecast | undefined }) {
  const { mount, device, fs, kind, usedBytes, totalBytes, freeBytes, percent: used, holdsTalome } = system;
  return (
    <li className={classes.card}>
      <div className={classes.cardHead}>
        <strong>{mount}</strong>
        <span>{t(KINDS[kind])}</span>
      </div>
      <p className={classes.big}>
        {bytes(freeBytes)} <span>{t('storage.freeOf', { total: bytes(totalBytes) })}</span>
      </p>
      <div className={classes.meter} data-full={used >= FULL || undefined} aria-hidden>
        <span style={{ width: `${Math.min(100, used)}%` }} />
      </div>
      <p className={classes.note}>{t('storage.usedPart', { used: bytes(usedBytes), percent: percent(used) })}</p>
      {forecast !== undefined && (
        <p className={classes.note} data-soon={isSoon(forecast) || undefined}>
          {forecastWords(forecast)}
        </p>
      )}
      <p className={classes.small}>
        {[device, fs, holdsTalome ? t('storage.holdsTalome') : null].filter(Boolean).join(' · ')}
      </p>
    </li>
  );
}

const ARRAY_STATES: Record<Array['state'], State['tone']> = { healthy: 'ok', rebuilding: 'info', degraded: 'warn', failed: 'danger', unknown: 'idle' };
const ARRAY_KINDS = { mdraid: 'RAID', btrfs: 'Btrfs', zfs: 'ZFS' } as const;

/** Disks that are joined, and whether they still are. */
function Arrays({ arrays }: { arrays: Array[] }) {
  return (
    <section>
      <h2 className={classes.sectionTitle}>{t('storage.arrays')}</h2>
      <ul className={classes.rows}>
        {arrays.map(({ kind, name, level, state, detail, progressPercent, errors, members }) => (
          <li key={`${kind} ${name}`}>
            <div>
              <strong>{name}</strong>
              <span className={classes.small}>{[ARRAY_KINDS[kind], level, members.map((member) => member.name).join(', ')].filter(Boolean).join(' · ')}</span>
            </div>
            <div>
              <StateBadge state={{ tone: ARRAY_STATES[state], label: t(`storage.array.${state}`) }} />
              <span className={classes.small}>
                {[
                  progressPercent === null ? null : t('storage.progress', { percent: percent(progressPercent) }),
                  errors > 0 ? t('storage.errors', { count: errors }) : null,
                  detail,
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </span>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
