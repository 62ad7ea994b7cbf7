import './texts';
import { Button, Skeleton, Textarea, TextInput } from '@mantine/core';
import { IconFileOff } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useBlocker, useNavigate, useParams } from '@tanstack/react-router';
import { lazy, type RefObject, Suspense, useRef, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { useMay } from '@/app/session';
import { BackLink } from '@/components/BackLink';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { PageHead } from '@/components/PageHead';
import { toast, toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { addressOfOwn, type Complaint, complaintOf, NEW } from './own';
import classes from './Own.module.css';

const Confirm = lazy(() => import('@/components/Confirm').then((module) => ({ default: module.Confirm })));

interface Files {
  id: string;
  manifest: string;
  compose: string;
  /** Null while it is not kept yet. */
  mark: string | null;
  notes: string[];
  complaint: Complaint | null;
}

const MANIFEST = `id: my-app
name: My app
version: "1.0"
tagline: In a few words
description: What it is for.
category: other
web: {service: web, port: 80, path: /}
`;
const COMPOSE = `services:
  web:
    image: nginx:1.29
    ports:
      - 8090:80
    volumes:
      - \${APP_DATA_DIR}/html:/usr/share/nginx/html:ro
`;
const BLANK: Files = { id: 'my-app', manifest: MANIFEST, compose: COMPOSE, mark: null, notes: [], complaint: null };
const BELOW = ['label', 'input', 'description', 'error'] as ('label' | 'input' | 'description' | 'error')[];

/** One own app to change; “new” begins one. */
export default function OwnAppPage() {
  const { id = '' } = useParams({ strict: false });
  return (
    <>
      <BackLink to="/store/-/own">{t('own.title')}</BackLink>
      {id === NEW ? <NewApp /> : <KeptApp key={id} id={id} />}
    </>
  );
}

function KeptApp({ id }: { id: string }) {
  const files = useQuery({
    queryKey: ['apps', 'own', id],
    queryFn: () => unwrap(api.GET('/api/user-apps/{id}', { params: { path: { id } } })),
    refetchOnWindowFocus: false, // what is typed here is based on what was loaded
    staleTime: Infinity,
    gcTime: 0,
  });
  const { error } = files;
  if (files.data !== undefined) return <Editor first={{ ...files.data, notes: [], complaint: null }} />;
  if (error instanceof ApiError && (error.status === 404 || error.status === 400)) {
    return (
      <>
        <PageHead title={t('own.missing')} hidden />
        <EmptyState
          icon={<IconFileOff size={26} stroke={1.75} />}
          title={t('own.missing')}
          text={t('own.missingText')}
          action={<Button renderRoot={(props) => <Link to="/store/-/own" {...props} />}>{t('own.toOwn')}</Button>}
        />
      </>
    );
  }
  if (error !== null) return <ErrorNotice what={t('own.failed')} error={error} onRetry={() => void files.refetch()} />;
  return <Skeleton height={420} radius={14} />;
}

function NewApp() {
  const [files, setFiles] = useState<Files | null>(null);
  const [pasted, setPasted] = useState('');
  const [name, setName] = useState('');
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<Complaint | null>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const draft = async () => {
    setBusy(true);
    setWrong(null);
    try {
      const body = { compose: pasted, ...(name.trim() !== '' && { name: name.trim() }) };
      const made = await unwrap(api.POST('/api/user-apps/draft', { body }));
      setFiles({ ...made, mark: null });
    } catch (error) {
      const found = complaintOf(error);
      if (found === null) toastError(t('own.draftFailed'), error);
      setWrong(found);
    } finally {
      setBusy(false);
    }
  };
  if (files !== null) return <Editor first={files} />;
  return (
    <>
      <PageHead title={t('own.new')} />
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (pasted.trim() !== '') void draft();
        }}
      >
        {wrong !== null && <Wrong wrong={wrong} areas={{ 'compose.yml': area }} />}
        <TextInput
          label={t('own.name')}
          description={t('own.nameHelp')}
          inputWrapperOrder={BELOW}
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Code area={area} label={t('own.paste')} help={t('own.pasteHelp')} value={pasted} onChange={setPasted} />
        <div className={classes.actions}>
          <Button variant="default" onClick={() => setFiles(BLANK)}>
            {t('own.blank')}
          </Button>
          <Button type="submit" loading={busy} disabled={pasted.trim() === ''}>
            {t('own.draft')}
          </Button>
        </div>
      </form>
    </>
  );
}

function Editor({ first }: { first: Files }) {
  const mayChange = useMay('stores:write');
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [files, setFiles] = useState(first);
  const [kept, setKept] = useState(first);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<Complaint | null>(first.complaint);
  const areas = { 'app.yml': useRef<HTMLTextAreaElement>(null), 'compose.yml': useRef<HTMLTextAreaElement>(null) };
  const changed = files.mark === null || files.manifest !== kept.manifest || files.compose !== kept.compose;
  const saved = useRef(false);
  const block = useBlocker({ shouldBlockFn: () => changed && !saved.current, enableBeforeUnload: () => changed, withResolver: true });
  const change = (part: Partial<Files>) => setFiles({ ...files, ...part });
  const save = async () => {
    setBusy(true);
    setWrong(null);
    try {
      const answer = await send(files);
      const now = { ...files, ...answer, notes: [] };
      toast({ tone: 'ok', title: t('own.saved', { name: files.id }) });
      void queries.invalidateQueries({ queryKey: ['apps'] });
      setFiles(now);
      setKept(now);
      if (files.mark === null) {
        saved.current = true;
        void navigate({ to: addressOfOwn(files.id), replace: true });
      }
    } catch (error) {
      const found = complaintOf(error);
      if (found === null) toastError(t('own.saveFailed', { name: files.id }), error);
      setWrong(found);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <PageHead title={files.mark === null ? t('own.new') : files.id} />
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {files.notes.length > 0 && (
          <section className={classes.notes}>
            <strong>{t('own.notes')}</strong>
            <ul>
              {files.notes.map((note) => (
                <li key={note}>{note}</li>
              ))}
            </ul>
          </section>
        )}
        {wrong !== null && <Wrong wrong={wrong} areas={areas} />}
        {files.mark === null && (
          <TextInput
            label={t('own.id')}
            description={t('own.idHelp')}
            inputWrapperOrder={BELOW}
            autoCapitalize="none"
            spellCheck={false}
            value={files.id}
            onChange={(event) => change(renamed(files, event.currentTarget.value))}
          />
        )}
        <div className={classes.editors}>
          <Code
            area={areas['app.yml']}
            label={t('own.manifest')}
            help={t('own.manifestHelp')}
            value={files.manifest}
            readOnly={!mayChange}
            onChange={(manifest) => change({ manifest })}
          />
          <Code
            area={areas['compose.yml']}
            label={t('own.compose')}
            help={t('own.composeHelp')}
            value={files.compose}
            readOnly={!mayChange}
            onChange={(compose) => change({ compose })}
          />
        </div>
        {mayChange && (
          <div className={classes.actions}>
            <Button type="submit" loading={busy} disabled={!changed}>
              {t('own.save')}
            </Button>
          </div>
        )}
      </form>
      <Suspense>
        {block.status === 'blocked' && (
          <Confirm
            title={t('own.leave')}
            confirmLabel={t('own.leaveYes')}
            dangerous
            onConfirm={() => block.proceed()}
            onClose={() => block.reset()}
          >
            {t('own.leaveText')}
          </Confirm>
        )}
      </Suspense>
    </>
  );
}

/** The file tells the id as well, so both change together. */
const renamed = (files: Files, id: string): Partial<Files> => ({
  id,
  manifest: files.manifest.replace(/^id:.*$/m, `id: ${id}`),
});

const send = ({ id, manifest, compose, mark }: Files) =>
  mark === null
    ? unwrap(api.POST('/api/user-apps', { body: { id, manifest, compose } }))
    : unwrap(api.PUT('/api/user-apps/{id}', { params: { path: { id } }, body: { manifest, compose, mark } }));

interface CodeProps {
  area: RefObject<HTMLTextAreaElement | null>;
  label: string;
  help: string;
  value: string;
  readOnly?: boolean;
  onChange: (text: string) => void;
}

function Code({ area, label, help, value, readOnly, onChange }: CodeProps) {
  return (
    <Textarea
      ref={area}
      classNames={{ input: classes.code }}
      label={label}
      description={help}
      inputWrapperOrder={BELOW}
      rows={22}
      wrap="off"
      autoCapitalize="none"
      autoComplete="off"
      spellCheck={false}
      readOnly={readOnly}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

type Areas = Partial<Record<'app.yml' | 'compose.yml', RefObject<HTMLTextAreaElement | null>>>;

/** What is wrong, in which file and line; it leads there. */
function Wrong({ wrong, areas }: { wrong: Complaint; areas: Areas }) {
  const { message, file, line } = wrong;
  const area = file === null ? undefined : areas[file];
  return (
    <div className={classes.wrong} role="alert">
      <div>
        <strong>{t('own.wrong')}</strong>
        {file !== null && (
          <span className={`${classes.place} num`}>{line === null ? t('own.wrongIn', { file }) : t('own.wrongAt', { file, line })}</span>
        )}
        <p>{message}</p>
      </div>
      {area !== undefined && line !== null && (
        <Button variant="default" size="sm" onClick={() => area.current && selectLine(area.current, line)}>
          {t('own.goTo')}
        </Button>
      )}
    </div>
  );
}

function selectLine(area: HTMLTextAreaElement, line: number): void {
  const lines = area.value.split('\n');
  const start = lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  area.scrollTop = (area.scrollHeight / Math.max(lines.length, 1)) * Math.max(line - 5, 0);
}
