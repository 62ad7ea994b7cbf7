import { useEffect, useState } from 'react';
import { exactTime, relativeTime } from '@/i18n/format';

const REFRESH_MS = 20_000;

/** A relative time; the exact one appears when you point at it. */
export function Time({ iso }: { iso: string }) {
  const [, setTick] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => setTick((tick) => tick + 1), REFRESH_MS);
    return () => window.clearInterval(timer);
  }, []);
  return (
    <time dateTime={iso} title={exactTime(iso)} className="num">
      {relativeTime(iso)}
    </time>
  );
}
