import type { Usage } from '@/api/types';
import { t } from '@/i18n';
import { bytes, bytesPerSecond, percent } from '@/i18n/format';
import classes from './Containers.module.css';
import { useUsageText } from './usage';

const CPU = ({ cpuPercent }: Usage) => percent(cpuPercent);
const MEMORY = ({ memoryBytes }: Usage) => bytes(memoryBytes);
const DOWN = ({ rxBytesPerS }: Usage) => bytesPerSecond(rxBytesPerS);
const UP = ({ txBytesPerS }: Usage) => bytesPerSecond(txBytesPerS);

const None = () => <span className="dim">–</span>;

export function Cpu({ id }: { id: string }) {
  return useUsageText(id, CPU) ?? <None />;
}

export function Memory({ id }: { id: string }) {
  return useUsageText(id, MEMORY) ?? <None />;
}

/** Both in one line; nothing while there are none. */
export function CardFigures({ id }: { id: string }) {
  const cpu = useUsageText(id, CPU);
  const memory = useUsageText(id, MEMORY);
  if (cpu === null || memory === null) return null;
  return (
    <span className="num">
      {t('containers.cpu')} {cpu} · {memory}
    </span>
  );
}

export function Network({ id }: { id: string }) {
  const down = useUsageText(id, DOWN);
  const up = useUsageText(id, UP);
  if (down === null || up === null) return <None />;
  return (
    <span className={classes.rates}>
      <span>↓ {down}</span>
      <span>↑ {up}</span>
    </span>
  );
}
