import { SegmentedControl } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useState } from 'react';
import { PageHead } from '@/components/PageHead';
import { addTexts, t } from '@/i18n';
import { push } from '@/i18n/en/push';
import { History } from './History';
import classes from './Notifications.module.css';
import { Push } from './Push';

addTexts(push);

type Part = 'history' | 'devices';

/** Everything that was told, and on which devices it is told: side by side where there is room, else one of them. */
export default function NotificationsPage() {
  const roomy = useMediaQuery('(min-width: 64em)', true, { getInitialValueInEffect: false });
  const [part, setPart] = useState<Part>('history');
  return (
    <div className={classes.page}>
      <PageHead title={t('notifications.title')} detail={t('notifications.intro')} />
      {!roomy && (
        <SegmentedControl
          className={classes.parts}
          fullWidth
          aria-label={t('notifications.part')}
          value={part}
          onChange={(value) => setPart(value === 'devices' ? 'devices' : 'history')}
          data={[
            { value: 'history', label: t('notifications.history') },
            { value: 'devices', label: t('push.title') },
          ]}
        />
      )}
      <div className={classes.columns}>
        {(roomy || part === 'history') && <History />}
        {(roomy || part === 'devices') && <Push />}
      </div>
    </div>
  );
}
