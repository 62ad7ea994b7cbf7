import { ActionIcon, Button } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconZoomIn, IconZoomOut, type TablerIcon } from '@tabler/icons-react';
import type { Span } from '@/components/LineChart';
import { moved, zoomed } from '@/components/zoom';
import { t } from '@/i18n';
import classes from '../System.module.css';
import type { View } from './charts';

/** Zoom without a mouse: closer, further away, earlier, later, everything. */
export function ZoomButtons({ view, zoomed: isZoomed }: { view: View; zoomed: boolean }) {
  const { whole, shown, stepS, onZoom } = view;
  const buttons: { name: string; icon: TablerIcon; to: () => Span | null; off: boolean }[] = [
    {
      name: t('chart.earlier'),
      icon: IconChevronLeft,
      to: () => moved(whole, stepS, shown, -1),
      off: !isZoomed || shown[0] <= whole[0],
    },
    {
      name: t('chart.later'),
      icon: IconChevronRight,
      to: () => moved(whole, stepS, shown, 1),
      off: !isZoomed || shown[1] >= whole[1],
    },
    { name: t('chart.zoomOut'), icon: IconZoomOut, to: () => zoomed(whole, stepS, shown, null, true), off: !isZoomed },
    { name: t('chart.zoomIn'), icon: IconZoomIn, to: () => zoomed(whole, stepS, shown, null, false), off: false },
  ];
  return (
    <span className={classes.zoom} role="group" aria-label={t('chart.zoomIn')}>
      {buttons.map(({ name, icon: Icon, to, off }) => (
        <ActionIcon key={name} variant="default" aria-label={name} title={name} disabled={off} onClick={() => onZoom(to())}>
          <Icon size={18} stroke={1.75} />
        </ActionIcon>
      ))}
      <Button variant="default" size="compact-md" h={34} disabled={!isZoomed} onClick={() => onZoom(null)}>
        {t('chart.reset')}
      </Button>
    </span>
  );
}
