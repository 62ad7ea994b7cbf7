import './texts';
import { Skeleton } from '@mantine/core';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useState } from 'react';
import { useUser } from '@/app/session';
import { useWide } from '@/app/useWide';
import { BackLink } from '@/components/BackLink';
import { ErrorNotice } from '@/components/ErrorNotice';
import { t } from '@/i18n';
import { Browser } from './Browser';
import type { Clipboard } from './clipboard';
import type { Drops } from './drag';
import classes from './Files.module.css';
import { type Taken, useOperations } from './operations';
import { Side } from './Side';
import { Start } from './Start';
import { addressOf, namedSteps, usePlaces } from './usePlaces';
import { useUploading } from './useUploading';

const VIEWS = {
  trash: lazy(() => import('./views/Trash')),
  recent: lazy(() => import('./views/Recent')),
  shared: lazy(() => import('./views/Shared')),
};
const ConflictDialog = lazy(() => import('./dialogs/ConflictDialog'));

/** The files of the folders that are open to this person. The address names the folder. */
export default function FilesPage() {
  const wide = useWide();
  const navigate = useNavigate();
  const { view } = useParams({ strict: false }) as { view?: string };
  const search: Record<string, unknown> = useSearch({ strict: false });
  const path = typeof search.path === 'string' && search.path.startsWith('/') ? search.path : '/';
  const marked = typeof search.select === 'string' ? search.select : null;
  const places = usePlaces();
  const [taken, setTaken] = useState<Taken | null>(null);
  const [clipboard, setClipboard] = useState<Clipboard | null>(null);
  const operations = useOperations(setTaken);
  const upload = useUploading(useUser().id, (folder) => namedSteps(places, folder).at(-1)?.name ?? folder);
  const go = useCallback((to: string) => void navigate(addressOf(to)), [navigate]);
  const drops: Drops = {
    onPaths: (paths, folder, copy) => void (copy ? operations.copy(paths, folder) : operations.move(paths, folder)),
    onFiles: (transfer, folder) => void upload.drop(transfer, folder),
  };
  const View = view !== undefined && view in VIEWS ? VIEWS[view as keyof typeof VIEWS] : null;
  const error = places.roots.error;
  if (error !== null && places.roots.data === undefined) {
    return <ErrorNotice what={t('files.rootsFailed')} error={error} onRetry={() => void places.roots.refetch()} />;
  }
  return (
    <div className={classes.page}>
      {wide && <Side places={places} path={View === null ? path : null} view={view ?? null} drops={drops} operations={operations} />}
      <div className={classes.main}>
        {!wide && View !== null && <BackLink to="/files">{t('files.title')}</BackLink>}
        <Suspense fallback={<Skeleton height={320} radius={14} role="status" aria-label={t('app.loading')} />}>
          {View !== null ? (
            <View operations={operations} />
          ) : path === '/' ? (
            <Start places={places} wide={wide} />
          ) : (
            <Browser
              key={path}
              path={path}
              marked={marked}
              places={places}
              drops={drops}
              operations={operations}
              upload={upload}
              clipboard={clipboard}
              onClipboard={setClipboard}
              onGo={go}
            />
          )}
        </Suspense>
      </div>
      <Suspense>{taken !== null && <ConflictDialog taken={taken} onClose={() => setTaken(null)} />}</Suspense>
    </div>
  );
}
