import { Button, Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useMay } from '@/app/session';
import { api, unwrap } from '@/api/client';
import { Loaded } from '@/components/Loaded';
import { FILES, type FileInfo, nameOf, parentOf, shownName } from '@/domain/files';
import { t } from '@/i18n';
import { bytes, exactTime } from '@/i18n/format';
import type { Operations } from '../operations';
import classes from './Dialogs.module.css';

const OwnerForm = lazy(() => import('./OwnerForm'));

interface Props {
  path: string;
  operations: Operations;
  onClose: () => void;
}

/** Not a root, and not what is neither file nor folder. */
const isPlain = ({ path, kind }: FileInfo): boolean =>
  (kind === 'file' || kind === 'folder') && path.lastIndexOf('/') > 0;

/** All that is known of a file or folder. */
export default function InfoDialog({ path, operations, onClose }: Props) {
  const mayChange = useMay('files:owners');
  const [changing, setChanging] = useState<FileInfo | null>(null);
  const info = useQuery({
    queryKey: [FILES, 'info', path],
    queryFn: () => unwrap(api.GET('/api/files/info', { params: { query: { path } } })),
  });
  if (changing !== null) {
    return (
      <Suspense>
        <OwnerForm info={changing} operations={operations} onClose={onClose} />
      </Suspense>
    );
  }
  return (
    <Modal opened onClose={onClose} title={shownName(nameOf(path))} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <Loaded list={info}>
        {(known) => (
          <>
            <Facts info={known} />
            {mayChange && isPlain(known) && (
              <Button variant="default" mt={16} onClick={() => setChanging(known)}>
                {t('files.ownerChange')}
              </Button>
            )}
          </>
        )}
      </Loaded>
    </Modal>
  );
}

function Facts({ info }: { info: FileInfo }) {
  const owner = `${info.owner ?? info.uid}:${info.group ?? info.gid}`;
  const facts: [string, React.ReactNode][] = [
    [t('files.kindLabel'), info.mediaType ?? t(`files.kind.${info.kind}`)],
    [t('files.where'), shownName(parentOf(info.path))],
    [t('files.size'), info.kind === 'folder' ? <FolderSize path={info.path} /> : sizeOf(info)],
    [t('files.modified'), exactTime(info.modifiedAt)],
    [t('files.owner'), owner],
    [t('files.mode'), <span className="mono">{info.mode}</span>],
  ];
  if (info.linkTarget !== null) facts.push([t('files.linkTarget'), shownName(info.linkTarget)]);
  return (
    <dl className={classes.facts}>
      {facts.map(([label, value]) => (
        <Fact key={label} label={label} value={value} />
      ))}
    </dl>
  );
}

const Fact = ({ label, value }: { label: string; value: React.ReactNode }) => (
  <>
    <dt>{label}</dt>
    <dd>{value}</dd>
  </>
);

/** A file may look larger than it is: the zeros of a disk image take no room. */
const sizeOf = ({ sizeBytes, diskBytes }: FileInfo): string =>
  sizeBytes === null
    ? '–'
    : diskBytes < sizeBytes / 2
      ? t('files.sparse', { size: bytes(sizeBytes), disk: bytes(diskBytes) })
      : bytes(sizeBytes);

function FolderSize({ path }: { path: string }) {
  const size = useQuery({
    queryKey: [FILES, 'size', path],
    queryFn: () => unwrap(api.GET('/api/files/size', { params: { query: { path } } })),
  });
  if (size.data === undefined) return <>{size.error === null ? t('files.counting') : '–'}</>;
  const { bytes: sum, files, folders, complete } = size.data;
  const values = { size: bytes(sum), files, folders };
  return <>{complete ? t('files.holds', values) : t('files.holdsAtLeast', values)}</>;
}
