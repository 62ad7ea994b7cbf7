import { IconLink } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { useMay } from '@/app/session';
import { DataList } from '@/components/DataList';
import type { Column } from '@/components/dataList';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { PageHead } from '@/components/PageHead';
import { RemoveButton } from '@/components/RemoveButton';
import { StateBadge } from '@/components/StateBadge';
import { Time } from '@/components/Time';
import { toast, toastError } from '@/components/toasts';
import { nameOf, parentOf, shownName } from '@/domain/files';
import { t } from '@/i18n';
import classes from '../Files.module.css';
import { addressOf } from '../usePlaces';
import { type ShareLink, SHARES } from './links';

const Confirm = lazy(() => import('@/components/Confirm').then((module) => ({ default: module.Confirm })));

const titleOf = ({ name, path }: ShareLink): string => shownName(name || nameOf(path));

const COLUMNS: Column<ShareLink>[] = [
  {
    id: 'name',
    label: t('files.name'),
    value: titleOf,
    show: (link) => (
      <>
        <Link className={classes.strong} {...addressOf(parentOf(link.path), nameOf(link.path))}>
          {titleOf(link)}
        </Link>
        <span className={classes.under}>{t(link.kind === 'drop' ? 'files.dropBox' : 'files.downloadLink')}</span>
      </>
    ),
    width: '32%',
  },
  {
    id: 'state',
    label: t('files.state'),
    value: ({ works }) => Number(works),
    show: ({ works, reason, hasPassword }) => (
      <>
        <StateBadge state={works ? { tone: 'ok', label: t('files.works') } : { tone: 'idle', label: t('files.ended') }} />
        <span className={classes.under}>{works ? hasPassword && t('files.withPassword') : reason}</span>
      </>
    ),
  },
  {
    id: 'used',
    label: t('files.used'),
    value: ({ downloads, uploads }) => downloads + uploads,
    show: ({ kind, downloads, uploads, mostDownloads }) =>
      kind === 'drop'
        ? t('files.uploadsCount', { count: uploads })
        : mostDownloads === null
          ? t('files.downloadsCount', { count: downloads })
          : t('files.downloadsOf', { count: downloads, most: mostDownloads }),
    end: true,
  },
  {
    id: 'until',
    label: t('files.until'),
    value: ({ expiresAt }) => (expiresAt === null ? null : Date.parse(expiresAt)),
    show: ({ expiresAt }) => (expiresAt === null ? t('files.forever') : <Time iso={expiresAt} />),
    end: true,
  },
];

/** The links that open without an account, and how other programs get at the files. */
export default function Shared() {
  const queries = useQueryClient();
  const mayChange = useMay('shares:write');
  const [ending, setEnding] = useState<ShareLink | null>(null);
  const list = useQuery({ queryKey: [SHARES, 'links'], queryFn: () => unwrap(api.GET('/api/shares/links')) });
  const end = async (link: ShareLink) => {
    setEnding(null);
    try {
      await unwrap(api.DELETE('/api/shares/links/{id}', { params: { path: { id: link.id } } }));
      toast({ tone: 'ok', title: t('files.linkEnded', { name: titleOf(link) }) });
    } catch (error) {
      toastError(t('files.endLinkOf', { name: titleOf(link) }), error);
    }
    await queries.invalidateQueries({ queryKey: [SHARES] });
  };
  return (
    <>
      <PageHead title={t('files.shared')} detail={t('files.sharedText')} />
      <Loaded list={list}>
        {(links) => (
          <DataList
            name="shares"
            label={t('files.shared')}
            columns={COLUMNS}
            rows={links}
            rowKey={({ id }) => id}
            order={{ sort: 'name', descending: false }}
            actions={mayChange ? (link) => <RemoveButton label={t('files.endLinkOf', { name: titleOf(link) })} onClick={() => setEnding(link)} /> : undefined}
            empty={<EmptyState icon={<IconLink size={26} stroke={1.75} />} title={t('files.noLinks')} text={t('files.noLinksText')} />}
          />
        )}
      </Loaded>
      <OtherPrograms />
      <Suspense>
        {ending !== null && (
          <Confirm title={t('files.endLink')} names={[titleOf(ending)]} confirmLabel={t('files.endLink')} dangerous onConfirm={() => void end(ending)} onClose={() => setEnding(null)}>
            {t('files.endLinkText')}
          </Confirm>
        )}
      </Suspense>
    </>
  );
}

/** How a phone, a file manager or another computer mounts the house. */
function OtherPrograms() {
  const access = useQuery({ queryKey: [SHARES, 'access'], queryFn: () => unwrap(api.GET('/api/shares/access')) });
  if (access.data === undefined) return null;
  const { webdav, smb } = access.data;
  const dav = new URL(webdav.path, window.location.origin).href;
  return (
    <section className={classes.programs}>
      <h2>{t('files.programs')}</h2>
      <dl>
        <div>
          <dt>WebDAV</dt>
          <dd>
            <code>{dav}</code>
            <span>{t('files.webdavText', { name: webdav.username })}</span>
          </dd>
        </div>
        <div>
          <dt>{t('files.smb')}</dt>
          <dd>
            {smb.address !== null && smb.running && <code>{smb.address}</code>}
            <span>{smb.running ? t('files.smbText') : (smb.reason ?? t('files.smbOff'))}</span>
          </dd>
        </div>
      </dl>
    </section>
  );
}
