import { Button, Skeleton } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { sessionProof } from '@/api/session';
import { ErrorNotice } from '@/components/ErrorNotice';
import { type Entry, FILES, shownName } from '@/domain/files';
import { t } from '@/i18n';
import classes from './Preview.module.css';

const GOOD_MS = 30 * 60_000;

/** An address that a browser can open by itself, as films and pictures need it. */
function useTicket({ path, modifiedAt }: Entry) {
  return useQuery({
    queryKey: ['tickets', FILES, path, modifiedAt],
    queryFn: () => unwrap(api.POST('/api/files/tickets', { body: { paths: [path], inline: true } })),
    staleTime: GOOD_MS,
    refetchOnWindowFocus: false,
  });
}

function Ticketed({ entry, children }: { entry: Entry; children: (url: string, onBroken: () => void) => ReactNode }) {
  const ticket = useTicket(entry);
  const [broken, setBroken] = useState(false);
  if (ticket.error !== null) return <ErrorNotice error={ticket.error} onRetry={() => void ticket.refetch()} />;
  if (broken) return <p className={classes.said}>{t('files.cannotPlay')}</p>;
  if (ticket.data === undefined) return <Skeleton className={classes.waiting} role="status" aria-label={t('app.loading')} />;
  return children(ticket.data.url, () => setBroken(true));
}

export const Picture = ({ entry }: { entry: Entry }) => (
  <Ticketed entry={entry}>
    {(url, onBroken) => <img className={classes.picture} src={url} alt={shownName(entry.name)} onError={onBroken} />}
  </Ticketed>
);

export const Film = ({ entry }: { entry: Entry }) => (
  <Ticketed entry={entry}>
    {(url, onBroken) => <video className={classes.picture} src={url} controls autoPlay playsInline aria-label={shownName(entry.name)} onError={onBroken} />}
  </Ticketed>
);

export const Sound = ({ entry }: { entry: Entry }) => (
  <Ticketed entry={entry}>
    {(url, onBroken) => <audio src={url} controls autoPlay aria-label={shownName(entry.name)} onError={onBroken} />}
  </Ticketed>
);

/** Larger ones are better opened by themselves than held whole in this tab. */
const MOST_BYTES = 60_000_000;

/** A PDF, shown by the browser's own reader out of this tab's memory, where it belongs to no address of the server's. */
export function Page({ entry }: { entry: Entry }) {
  const large = (entry.sizeBytes ?? 0) > MOST_BYTES;
  const { url, error } = useBlob(large ? null : entry.path);
  // Telephones have no reader that fits into a page.
  const shows = navigator.pdfViewerEnabled;
  if (error !== null) return <ErrorNotice error={error} />;
  return (
    <div className={classes.paper}>
      <Ticketed entry={entry}>
        {(address) => (
          <Button
            className={classes.apart}
            variant="default"
            leftSection={<IconExternalLink size={16} />}
            renderRoot={(props) => <a href={address} target="_blank" rel="noopener noreferrer" {...props} />}
          >
            {t('files.openApart')}
          </Button>
        )}
      </Ticketed>
      {shows && url !== null && <iframe src={url} title={shownName(entry.name)} />}
      {(large || !shows) && <p className={classes.said}>{t('files.pdfApart')}</p>}
    </div>
  );
}

function useBlob(path: string | null): { url: string | null; error: unknown } {
  const [state, setState] = useState<{ url: string | null; error: unknown }>({ url: null, error: null });
  useEffect(() => {
    if (path === null) return;
    const stop = new AbortController();
    let made: string | null = null;
    const load = async () => {
      const headers = { 'X-Talome-Proof': sessionProof() ?? '' };
      const answer = await fetch(`/api/files/download?${new URLSearchParams({ path })}`, { headers, signal: stop.signal });
      if (!answer.ok) throw new Error(t('files.previewFailed'));
      // Whatever it is, it is read as a PDF: a page that only says so would be a page of Talome's.
      made = URL.createObjectURL(new Blob([await answer.arrayBuffer()], { type: 'application/pdf' }));
      if (!stop.signal.aborted) setState({ url: made, error: null });
    };
    void load().catch((error: unknown) => !stop.signal.aborted && setState({ url: null, error }));
    return () => {
      stop.abort();
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [path]);
  return state;
}
