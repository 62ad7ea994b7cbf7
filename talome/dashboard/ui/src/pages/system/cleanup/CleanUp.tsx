import { Switch } from '@mantine/core';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import { useMay } from '@/app/session';
import { DockerDown } from '@/components/DockerDown';
import { Loaded } from '@/components/Loaded';
import { t } from '@/i18n';
import classes from '../System.module.css';
import { useList, useOutage } from '../useList';
import { Choices } from './Choices';
import { imageCandidates, useTicks, volumeCandidates } from './candidates';
import { Result } from './Result';
import { SumBar } from './SumBar';
import { Trash } from './Trash';

/** One place that first shows what could go, takes nothing without being told, and says how it ended. */
export default function CleanUp() {
  const mayChange = useMay('containers:write');
  const outage = useOutage();
  const [tagged, setTagged] = useState(false);
  const [started, setStarted] = useState<string[]>([]);
  const images = useList('images', () => unwrap(api.GET('/api/images')));
  const volumes = useList('volumes', () => unwrap(api.GET('/api/volumes')));
  const offeredImages = imageCandidates(images.data ?? [], tagged);
  const offeredVolumes = volumeCandidates(volumes.data ?? []);
  // An image without a name serves nobody. Data is only taken when somebody says so.
  const imageTicks = useTicks(offeredImages, true);
  const volumeTicks = useTicks(offeredVolumes, false);
  return (
    <div className={classes.stack}>
      {outage.away && <DockerDown reason={outage.reason} />}
      <Result jobIds={started} onClose={() => setStarted([])} />
      <Loaded list={images}>
        {() => (
          <Choices
            name="cleanup.images"
            title={t('cleanup.images')}
            text={t('cleanup.imagesText')}
            none={t('cleanup.noImages')}
            candidates={offeredImages}
            ticks={mayChange ? imageTicks : undefined}
            stale={outage.away}
            tools={
              <Switch
                label={t('cleanup.tagged')}
                checked={tagged}
                onChange={(event) => setTagged(event.currentTarget.checked)}
              />
            }
          />
        )}
      </Loaded>
      <Loaded list={volumes}>
        {() => (
          <Choices
            name="cleanup.volumes"
            title={t('cleanup.volumes')}
            text={t('cleanup.volumesText')}
            none={t('cleanup.noVolumes')}
            candidates={offeredVolumes}
            ticks={mayChange ? volumeTicks : undefined}
            stale={outage.away}
          />
        )}
      </Loaded>
      {mayChange && (
        <SumBar
          images={offeredImages.filter(({ id }) => imageTicks.has(id))}
          volumes={offeredVolumes.filter(({ id }) => volumeTicks.has(id))}
          disabled={outage.away}
          onStarted={setStarted}
        />
      )}
      <Trash mayChange={mayChange} />
    </div>
  );
}
