import type { ReactNode } from 'react';
import { StateBadge } from '@/components/StateBadge';
import type { State } from '@/domain/containers';
import { t } from '@/i18n';
import { bytes, percent, whole } from '@/i18n/format';
import classes from './Storage.module.css';
import { type Drive, type DriveHealth, type Partition, useHealth } from './useStorage';

const TONES: Record<DriveHealth['health'], State['tone']> = { passed: 'ok', warning: 'warn', failing: 'danger', unavailable: 'idle' };

/** The disks themselves: what they are, and what they say of their own health. */
export function Drives({ drives }: { drives: Drive[] }) {
  const health = useHealth();
  if (drives.length === 0) return null;
  return (
    <section>
      <h2 className={classes.sectionTitle}>{t('storage.drives')}</h2>
      <ul className={classes.drives}>
        {drives.map((drive) => (
          <OneDrive key={drive.path} drive={drive} health={health.data?.find(({ path }) => path === drive.path)} asked={!health.isPending} />
        ))}
      </ul>
    </section>
  );
}

function OneDrive({ drive, health, asked }: { drive: Drive; health: DriveHealth | undefined; asked: boolean }) {
  const { name, kind, model, vendor, serial, sizeBytes, partitions } = drive;
  const title = [vendor, model].filter(Boolean).join(' ') || name;
  return (
    <li className={classes.drive}>
      <div className={classes.driveHead}>
        <div>
          <strong>{title}</strong>
          <span className={classes.small}>{[t(`storage.kind.${kind}`), bytes(sizeBytes), name, serial].filter(Boolean).join(' · ')}</span>
        </div>
        {health !== undefined && <StateBadge state={{ tone: TONES[health.health], label: t(`storage.health.${health.health}`) }} />}
        {health === undefined && asked && <StateBadge state={{ tone: 'idle', label: t('storage.health.unavailable') }} />}
      </div>
      {health !== undefined && <Said health={health} />}
      {partitions.length > 0 && (
        <details className={classes.fold}>
          <summary>{t('storage.partitions', { count: partitions.length })}</summary>
          <ul>
            {partitions.map((partition) => (
              <OnePartition key={partition.path} partition={partition} />
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

/** The figures that a drive tells; what it does not tell is left out. */
function Said({ health }: { health: DriveHealth }) {
  const { reason, temperatureCelsius, powerOnHours, wearPercent, reallocatedSectors, pendingSectors, mediaErrors, writtenBytes, lastTest } = health;
  const facts: [label: string, value: ReactNode][] = [
    [t('storage.temperature'), temperatureCelsius === null ? null : t('storage.celsius', { value: whole(temperatureCelsius) })],
    [t('storage.running'), powerOnHours === null ? null : runningFor(powerOnHours)],
    [t('storage.wear'), wearPercent === null ? null : percent(wearPercent)],
    [t('storage.reallocated'), reallocatedSectors],
    [t('storage.pending'), pendingSectors],
    [t('storage.mediaErrors'), mediaErrors],
    [t('storage.written'), writtenBytes === null ? null : bytes(writtenBytes)],
    [t('storage.lastTest'), lastTest],
  ];
  const told = facts.filter(([, value]) => value !== null);
  return (
    <>
      {reason !== null && <p className={classes.small}>{reason}</p>}
      {told.length > 0 && (
        <dl className={classes.facts}>
          {told.map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}

const HOURS_A_DAY = 24;

const runningFor = (hours: number): string =>
  hours < 2 * HOURS_A_DAY
    ? t('storage.hours', { count: hours })
    : hours < 730 * HOURS_A_DAY
      ? t('storage.days', { count: Math.round(hours / HOURS_A_DAY) })
      : t('storage.manyYears', { years: (hours / (365 * HOURS_A_DAY)).toFixed(1) });

function OnePartition({ partition }: { partition: Partition }) {
  const { name, label, fs, sizeBytes, usedBytes, mounts, encrypted } = partition;
  return (
    <li>
      <strong>{label ?? name}</strong>
      <span className={classes.small}>
        {[
          fs ?? t('storage.noFileSystem'),
          usedBytes === null ? bytes(sizeBytes) : t('storage.usedOf', { used: bytes(usedBytes), total: bytes(sizeBytes) }),
          mounts.length > 0 ? mounts.join(', ') : t('storage.notMounted'),
          encrypted ? t('storage.encrypted') : null,
        ]
          .filter(Boolean)
          .join(' · ')}
      </span>
    </li>
  );
}
