import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import type { Container } from '@/api/types';
import { t } from '@/i18n';
import { Card } from './Card';
import classes from './Detail.module.css';

const Rename = lazy(() => import('./dialogs').then((module) => ({ default: module.Rename })));
const Remove = lazy(() => import('./dialogs').then((module) => ({ default: module.Remove })));

/** What cannot simply be taken back, apart from everything else and asked for explicitly. */
export function DangerZone({ container }: { container: Container }) {
  const [asked, setAsked] = useState<'rename' | 'remove' | null>(null);
  const close = () => setAsked(null);
  return (
    <Card title={t('container.danger')} danger>
      <div className={classes.dangerRow}>
        <p>{t('container.renameText')}</p>
        <Button variant="default" onClick={() => setAsked('rename')}>
          {t('container.rename')}
        </Button>
      </div>
      <div className={classes.dangerRow}>
        <p>{t('container.removeText')}</p>
        <Button variant="light" color="red" onClick={() => setAsked('remove')}>
          {t('container.remove')}
        </Button>
      </div>
      <Suspense>
        {asked === 'rename' && <Rename container={container} onClose={close} />}
        {asked === 'remove' && <Remove container={container} onClose={close} />}
      </Suspense>
    </Card>
  );
}
