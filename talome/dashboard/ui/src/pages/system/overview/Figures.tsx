import type { SystemStats } from '@/api/types';
import { t } from '@/i18n';
import { bytes, bytesPerSecond, decimal, percent } from '@/i18n/format';
import { Card, Meter } from '../Card';
import classes from '../System.module.css';

interface Props {
  stats: SystemStats;
}

export function Processor({ stats: { cpu } }: Props) {
  const [one, five, fifteen] = cpu.load.map(decimal);
  return (
    <Card title={t('system.processor')} value={percent(cpu.percent)}>
      <p className={classes.note} title={t('system.loadHelp')}>
        {t('system.load', { one: one ?? '–', five: five ?? '–', fifteen: fifteen ?? '–' })}
      </p>
      <ul className={classes.cores} aria-label={t('system.cores')}>
        {cpu.cores.map((share, index) => (
          // A core has no name but its number.
          <li key={index} className={classes.core}>
            <span>{t('system.core', { number: index + 1 })}</span>
            <Meter percent={share} full={null} />
            <span className={classes.coreValue}>{percent(share)}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

export function Memory({ stats: { memory } }: Props) {
  const swap = memory.swapTotalBytes > 0 ? (100 * memory.swapUsedBytes) / memory.swapTotalBytes : null;
  return (
    <Card title={t('system.memory')} value={percent(memory.percent)}>
      <Meter percent={memory.percent} />
      <p className={classes.note}>
        {t('system.memoryOf', {
          used: bytes(memory.usedBytes),
          total: bytes(memory.totalBytes),
          free: bytes(memory.availableBytes),
        })}
      </p>
      <div className={classes.line}>
        <h3 className={classes.lineName}>{t('system.swap')}</h3>
        {swap !== null && <strong className="num">{percent(swap)}</strong>}
      </div>
      {swap !== null && <Meter percent={swap} />}
      <p className={classes.note}>
        {swap === null
          ? t('system.noSwap')
          : t('system.swapOf', { used: bytes(memory.swapUsedBytes), total: bytes(memory.swapTotalBytes) })}
      </p>
    </Card>
  );
}

export function Disks({ stats: { disks } }: Props) {
  return (
    <Card title={t('system.disks')}>
      <ul className={classes.plain}>
        {disks.map((disk) => (
          <li key={disk.mount} className={classes.item}>
            <div className={classes.line}>
              <span className={classes.itemName}>
                {disk.mount} <span className="dim">{[disk.device, disk.fs].join(' · ')}</span>
              </span>
              <strong className="num">{percent(disk.percent)}</strong>
            </div>
            <Meter percent={disk.percent} />
            <p className={classes.note}>
              {t('system.diskOf', {
                used: bytes(disk.usedBytes),
                free: bytes(disk.freeBytes),
                total: bytes(disk.totalBytes),
              })}
            </p>
          </li>
        ))}
      </ul>
    </Card>
  );
}

export function Traffic({ stats: { network, io } }: Props) {
  const rows = [
    { name: t('system.received'), rate: network.rxBytesPerS, whole: network.rxBytes },
    { name: t('system.sent'), rate: network.txBytesPerS, whole: network.txBytes },
    { name: t('system.read'), rate: io.readBytesPerS, whole: null },
    { name: t('system.written'), rate: io.writeBytesPerS, whole: null },
  ];
  return (
    <Card title={t('system.traffic')}>
      <dl className={classes.rates}>
        {rows.map(({ name, rate, whole }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {bytesPerSecond(rate)}
              {whole !== null && <span className={classes.below}>{t('system.sinceStart', { amount: bytes(whole) })}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
