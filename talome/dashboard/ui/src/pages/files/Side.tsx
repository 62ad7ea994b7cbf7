import { IconClock, IconFolder, IconLink, IconServer2, IconStar, IconTrash, type TablerIcon } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { may } from '@/app/pages';
import { useUser } from '@/app/session';
import { isWithin, parentOf, type Root, shownName } from '@/domain/files';
import { type PlainKey, t } from '@/i18n';
import { bytes } from '@/i18n/format';
import { type Drops, useDrop } from './drag';
import classes from './Files.module.css';
import type { Operations } from './operations';
import { addressOf, type Places } from './usePlaces';

interface Props {
  places: Places;
  /** The folder that is shown; null where it is something else. */
  path: string | null;
  view: string | null;
  drops: Drops;
  operations: Operations;
}

export const OTHERS: [view: 'recent' | 'shared' | 'trash', title: PlainKey, icon: TablerIcon, scope: string][] = [
  ['recent', 'files.recent', IconClock, 'files:read'],
  ['shared', 'files.shared', IconLink, 'shares:read'],
  ['trash', 'files.trash', IconTrash, 'files:write'],
];

/** Where to go: the folders, the favourites, and what is not a folder. */
export function Side({ places, path, view, drops, operations }: Props) {
  const { roots, favourites } = places;
  const user = useUser();
  const toTrash = useDrop('', { onPaths: (paths) => void operations.remove(paths), onFiles: () => undefined });
  return (
    <nav className={classes.side} aria-label={t('files.places')}>
      <ul>
        <li>
          <Link {...addressOf('/')} className={classes.place} data-active={path === '/' || undefined}>
            <IconServer2 size={18} stroke={1.75} aria-hidden />
            <span>{t('files.all')}</span>
          </Link>
        </li>
        {roots.data?.map((root) => (
          <Place key={root.id} root={root} active={path !== null && isWithin(path, root.path)} drops={drops} />
        ))}
      </ul>
      {(favourites.data?.length ?? 0) > 0 && (
        <Group title={t('files.favourites')}>
          {favourites.data!.map((favourite) => {
            const folder = favourite.kind === 'folder';
            const to = folder ? addressOf(favourite.path) : addressOf(parentOf(favourite.path), favourite.name);
            return (
              <li key={favourite.path}>
                <Link {...to} className={classes.place} data-gone={!favourite.available || undefined} title={shownName(favourite.path)}>
                  <IconStar size={18} stroke={1.75} aria-hidden />
                  <span>{shownName(favourite.name)}</span>
                </Link>
              </li>
            );
          })}
        </Group>
      )}
      <Group>
        {OTHERS.filter(([, , , scope]) => may(user, scope)).map(([name, title, Icon]) => (
          <li key={name} className={classes.target} {...(name === 'trash' ? toTrash : {})}>
            <Link to={`/files/${name}`} className={classes.place} data-active={view === name || undefined}>
              <Icon size={18} stroke={1.75} aria-hidden />
              <span>{t(title)}</span>
            </Link>
          </li>
        ))}
      </Group>
    </nav>
  );
}

function Group({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <>
      {title !== undefined && <h2>{title}</h2>}
      <ul className={classes.group} aria-label={title}>
        {children}
      </ul>
    </>
  );
}

function Place({ root, active, drops }: { root: Root; active: boolean; drops: Drops }) {
  const drop = useDrop(root.access === 'write' && root.available ? root.path : null, drops);
  return (
    <li className={classes.target} {...drop}>
      <Link {...addressOf(root.path)} className={classes.place} data-active={active || undefined} data-gone={!root.available || undefined}>
        <IconFolder size={18} stroke={1.75} aria-hidden />
        <span>{root.name}</span>
      </Link>
    </li>
  );
}

/** How much room there is, in words; that it is not there where it is not. */
export function roomOf(root: Root): string {
  if (!root.available) return t('files.unplugged');
  if (root.freeBytes === null || root.totalBytes === null) return t(root.access === 'write' ? 'files.mayWrite' : 'files.mayRead');
  return t('files.free', { free: bytes(root.freeBytes), total: bytes(root.totalBytes) });
}
