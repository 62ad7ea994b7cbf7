import { Button } from '@mantine/core';
import { IconFolderPlus, IconFolders, IconSettings, IconStar } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { may } from '@/app/pages';
import { useMay, useUser } from '@/app/session';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { PageHead } from '@/components/PageHead';
import { parentOf, type Root, shownName } from '@/domain/files';
import { t } from '@/i18n';
import classes from './Files.module.css';
import { OTHERS, roomOf } from './Side';
import { addressOf, type Places } from './usePlaces';

const RootForm = lazy(() => import('./dialogs/RootForm'));

interface Props {
  places: Places;
  wide: boolean;
}

/** The folders that are open to this person, each with the room that it has. */
export function Start({ places, wide }: Props) {
  const mayOpen = useMay('files:roots');
  const [edited, setEdited] = useState<Root | 'new' | null>(null);
  const add = mayOpen && (
    <Button leftSection={<IconFolderPlus size={16} />} onClick={() => setEdited('new')}>
      {t('files.addRoot')}
    </Button>
  );
  const some = (places.roots.data?.length ?? 0) > 0;
  return (
    <>
      <PageHead title={t('files.title')} actions={some && add} />
      <Loaded list={places.roots}>
        {(roots) =>
          roots.length === 0 ? (
            <EmptyState
              icon={<IconFolders size={26} stroke={1.75} />}
              title={t('files.noRoots')}
              text={t(mayOpen ? 'files.noRootsText' : 'files.noRootsMember')}
              action={add}
            />
          ) : (
            <ul className={classes.roots} aria-label={t('files.places')}>
              {roots.map((root) => (
                <RootCard key={root.id} root={root} onEdit={mayOpen ? () => setEdited(root) : null} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {!wide && <Elsewhere places={places} />}
      <Suspense>{edited !== null && <RootForm root={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}</Suspense>
    </>
  );
}

function RootCard({ root, onEdit }: { root: Root; onEdit: (() => void) | null }) {
  const { freeBytes, totalBytes, available } = root;
  const used = available && freeBytes !== null && totalBytes ? 100 - (100 * freeBytes) / totalBytes : null;
  return (
    <li className={classes.root} data-gone={!available || undefined}>
      <Link {...addressOf(root.path)} className={classes.rootLink}>
        <strong>{root.name}</strong>
        <span className={classes.room}>{roomOf(root)}</span>
        {used !== null && (
          <span className={classes.meter} data-full={used >= 90 || undefined} aria-hidden>
            <span style={{ width: `${used}%` }} />
          </span>
        )}
        {root.access !== 'write' && <span className={classes.room}>{t('files.mayRead')}</span>}
      </Link>
      {onEdit !== null && (
        <button type="button" className={classes.edit} aria-label={t('files.editRoot', { name: root.name })} onClick={onEdit}>
          <IconSettings size={18} stroke={1.75} aria-hidden />
        </button>
      )}
    </li>
  );
}

/** On a phone, what a wide screen has at its side. */
function Elsewhere({ places }: { places: Places }) {
  const user = useUser();
  return (
    <ul className={classes.others}>
      {places.favourites.data?.map((favourite) => (
        <li key={favourite.path}>
          <Link {...(favourite.kind === 'folder' ? addressOf(favourite.path) : addressOf(parentOf(favourite.path), favourite.name))}>
            <IconStar size={20} stroke={1.75} aria-hidden />
            {shownName(favourite.name)}
          </Link>
        </li>
      ))}
      {OTHERS.filter(([, , , scope]) => may(user, scope)).map(([view, title, Icon]) => (
        <li key={view}>
          <Link to={`/files/${view}`}>
            <Icon size={20} stroke={1.75} aria-hidden />
            {t(title)}
          </Link>
        </li>
      ))}
    </ul>
  );
}
