import { Skeleton } from '@mantine/core';
import type { Board } from '@/api/types';
import { useUser } from '@/app/session';
import { t } from '@/i18n';
import { Card, mayShow } from './cards';
import classes from './Home.module.css';

/** The cards in their places. A card that has nothing to say takes no room. */
export function CardGrid({ board }: { board: Board }) {
  const user = useUser();
  return (
    <div className={classes.grid}>
      {board.places
        .filter((place) => place.shown && mayShow(place.id, user))
        .map((place) => (
          <div key={place.id} className={classes.cell} data-size={place.size}>
            <Card place={place} widgets={board.widgets} />
          </div>
        ))}
    </div>
  );
}

/** The place of the cards while they are on their way. */
export function GridSkeleton() {
  return (
    <div className={classes.grid} role="status" aria-label={t('app.loading')}>
      <ul className={`${classes.tiles} ${classes.cell}`} data-size="full" aria-hidden>
        {[0, 1, 2, 3].map((key) => (
          <li key={key} className={classes.tile}>
            <Skeleton height={48} width={48} radius={13} />
            <Skeleton height={14} width="50%" />
          </li>
        ))}
      </ul>
      {[0, 1, 2, 3].map((key) => (
        <div key={key} className={classes.cell} data-size="small" aria-hidden>
          <div className={classes.figure}>
            <Skeleton height={18} width={96} />
            <Skeleton height={34} width={110} mt={14} />
            <Skeleton height={14} width={140} mt={10} />
          </div>
        </div>
      ))}
    </div>
  );
}
