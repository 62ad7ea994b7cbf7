import './texts';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { AppPicture } from '@/components/AppPicture';
import { StateBadge } from '@/components/StateBadge';
import type { FoundApp } from '@/domain/apps';
import type { Tone } from '@/domain/containers';
import { t } from '@/i18n';
import classes from './Found.module.css';

const AdoptDialog = lazy(() => import('./AdoptDialog'));

const TONES: Record<FoundApp['state'], Tone> = { running: 'ok', partly: 'warn', stopped: 'idle' };
const FIRST = 4;

/** What runs here without Talome, and could be an app of it. */
export default function Found() {
  const found = useQuery({ queryKey: ['apps', 'found'], queryFn: () => unwrap(api.GET('/api/adopt')), staleTime: 30_000 });
  const [all, setAll] = useState(false);
  const [chosen, setChosen] = useState<FoundApp | null>(null);
  const apps = found.data ?? [];
  const hidden = all ? 0 : Math.max(0, apps.length - FIRST);
  return (
    <>
      {apps.length > 0 && (
        <section className={classes.found} aria-labelledby="found-here">
          <h2 id="found-here">{t('found.title')}</h2>
          <p className="dim">{t('found.text', { count: apps.length })}</p>
          <ul>
            {apps.slice(0, apps.length - hidden).map((app) => (
              <li key={app.id}>
                <AppPicture name={app.name} seed={app.id} src={null} size={40} />
                <div>
                  <strong>
                    <bdi>{app.name}</bdi>
                  </strong>
                  <span>
                    {app.maker === 'by hand' ? t('found.byHand') : t('found.by', { maker: app.maker })}
                    {app.folder && (
                      <>
                        {' · '}
                        <bdi className="mono">{app.folder}</bdi>
                      </>
                    )}
                  </span>
                  {app.refusal !== null && <span>{app.refusal}</span>}
                </div>
                <StateBadge state={{ tone: TONES[app.state], label: t(`found.${app.state}`) }} />
                {app.refusal === null && (
                  <Button variant="default" aria-label={t('found.takeOf', { name: app.name })} onClick={() => setChosen(app)}>
                    {t('found.take')}
                  </Button>
                )}
              </li>
            ))}
          </ul>
          {hidden > 0 && (
            <Button variant="subtle" onClick={() => setAll(true)}>
              {t('found.more', { count: hidden })}
            </Button>
          )}
        </section>
      )}
      <Suspense>{chosen !== null && <AdoptDialog app={chosen} onClose={() => setChosen(null)} />}</Suspense>
    </>
  );
}
