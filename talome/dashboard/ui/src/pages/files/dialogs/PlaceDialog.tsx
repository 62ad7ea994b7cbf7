import { Button, Modal, Skeleton } from '@mantine/core';
import { IconChevronRight, IconFolderFilled } from '@tabler/icons-react';
import { useState } from 'react';
import { ErrorNotice } from '@/components/ErrorNotice';
import { isWithin, parentOf, shownName } from '@/domain/files';
import { t } from '@/i18n';
import { called } from '../operations';
import { useFolder } from '../useFolder';
import { namedSteps, type Places } from '../usePlaces';
import classes from './Dialogs.module.css';

interface Props {
  copy: boolean;
  paths: string[];
  places: Places;
  onChoose: (folder: string) => void;
  onClose: () => void;
}

/** Chooses the folder that something goes to. */
export default function PlaceDialog({ copy, paths, places, onChoose, onClose }: Props) {
  const from = parentOf(paths[0] ?? '/');
  const [at, setAt] = useState(from);
  const title = t(copy ? 'files.copyWhat' : 'files.moveWhat', { name: called(paths) });
  const may = at !== '/' && (copy || at !== from) && !paths.some((path) => isWithin(at, path));
  return (
    <Modal opened onClose={onClose} title={title} size={520} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <div className={classes.body}>
        <div className={classes.way}>
          <button type="button" onClick={() => setAt('/')}>
            {t('files.title')}
          </button>
          {namedSteps(places, at).map(({ path, name }) => (
            <span key={path}>
              <IconChevronRight size={14} aria-hidden />
              <button type="button" onClick={() => setAt(path)}>
                {name}
              </button>
            </span>
          ))}
        </div>
        {at === '/' ? <Roots places={places} onGo={setAt} /> : <Folders at={at} moved={paths} onGo={setAt} />}
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button
            disabled={!may}
            onClick={() => {
              onClose();
              onChoose(at);
            }}
          >
            {t(copy ? 'files.copyHere' : 'files.moveHere')}
          </Button>
        </div>
      </div>
    </Modal>
  );
}

function Roots({ places, onGo }: { places: Places; onGo: (path: string) => void }) {
  return (
    <ul className={classes.folders} aria-label={t('files.places')}>
      {places.roots.data?.map((root) => (
        <li key={root.id}>
          <button type="button" disabled={root.access !== 'write' || !root.available} onClick={() => onGo(root.path)}>
            <IconFolderFilled size={20} aria-hidden />
            {root.name}
          </button>
        </li>
      ))}
    </ul>
  );
}

function Folders({ at, moved, onGo }: { at: string; moved: string[]; onGo: (path: string) => void }) {
  const folder = useFolder(at, false);
  if (folder.error !== null && folder.data === undefined) return <ErrorNotice error={folder.error} onRetry={() => void folder.refetch()} />;
  if (folder.data === undefined) return <Skeleton height={180} radius={10} role="status" aria-label={t('app.loading')} />;
  const inside = folder.data.entries.filter(({ kind, path }) => kind === 'folder' && !moved.includes(path));
  return (
    <ul className={classes.folders} aria-label={t('files.foldersIn', { name: shownName(at) })} tabIndex={inside.length === 0 ? 0 : undefined}>
      {inside.length === 0 && <li className={classes.none}>{t('files.noFolders')}</li>}
      {inside.map(({ path, name }) => (
        <li key={path}>
          <button type="button" onClick={() => onGo(path)}>
            <IconFolderFilled size={20} aria-hidden />
            {shownName(name)}
          </button>
        </li>
      ))}
    </ul>
  );
}
