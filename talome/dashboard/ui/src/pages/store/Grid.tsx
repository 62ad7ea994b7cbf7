import { Button } from '@mantine/core';
import { useState } from 'react';
import type { AppSummary } from '@/domain/apps';
import { t } from '@/i18n';
import { AppCard } from './AppCard';
import classes from './Store.module.css';

/** As many as are drawn at first: a store may have hundreds. */
const STEP = 60;

export function Grid({ apps, sourced }: { apps: AppSummary[]; sourced: boolean }) {
  const [most, setMost] = useState(STEP);
  return (
    <>
      <ul className={classes.grid}>
        {apps.slice(0, most).map((app) => (
          <AppCard key={app.id} app={app} sourced={sourced} />
        ))}
      </ul>
      {apps.length > most && (
        <Button className={classes.more} variant="default" onClick={() => setMost(most + STEP)}>
          {t('store.more')}
        </Button>
      )}
    </>
  );
}
