import { Button } from '@mantine/core';
import { IconLayoutDashboard } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useWide } from '@/app/useWide';
import { t } from '@/i18n';
import { CardGrid, GridSkeleton } from './CardGrid';
import { FigureFeed } from './figureFeed';
import { Truth } from './Truth';
import { firstBoard, useBoard } from './useBoard';

const ArrangeMode = lazy(() => import('./arrange/ArrangeMode'));

/** The front door: a sentence that tells the truth, the apps, live figures, and what a person has put beside them. */
export default function HomePage() {
  const wide = useWide();
  const [arranging, setArranging] = useState(false);
  const { data, error } = useBoard();
  // A Home page without its arrangement is still worth having.
  const board = data ?? (error === null ? null : firstBoard);
  const arrange = data && !arranging && (
    <Button variant="default" size={wide ? 'xs' : 'sm'} fullWidth={!wide} leftSection={<IconLayoutDashboard size={16} />} onClick={() => setArranging(true)}>
      {t('home.arrange')}
    </Button>
  );
  return (
    <>
      <FigureFeed />
      <Truth actions={wide && arrange} />
      {board === null ? (
        <GridSkeleton />
      ) : arranging ? (
        <Suspense fallback={<CardGrid board={board} />}>
          <ArrangeMode board={board} onDone={() => setArranging(false)} />
        </Suspense>
      ) : (
        <CardGrid board={board} />
      )}
      {!wide && arrange}
    </>
  );
}
