import './texts';
import { Button, Checkbox, NativeSelect } from '@mantine/core';
import { IconDownload, IconUpload } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { useMay } from '@/app/session';
import { downloadFile } from '@/components/clipboard';
import { Loaded } from '@/components/Loaded';
import { Section } from '@/components/Section';
import { StateBadge } from '@/components/StateBadge';
import { Time } from '@/components/Time';
import { toastError } from '@/components/toasts';
import type { State } from '@/domain/containers';
import { t } from '@/i18n';
import classes from '../Memory.module.css';
import { refreshMemory } from '../notes/forget';
import { EVERYTHING, usePlaces } from '../places';

type Import = components['schemas']['MemoryImport'];
type Format = 'jsonl' | 'markdown';

const [BUSY_MS, CALM_MS] = [1_000, 30_000];

/** The memory as a file: out, and in. */
export default function TransferTab() {
  const mayWrite = useMay('memory:write');
  return (
    <div className={classes.stack}>
      <Out />
      {mayWrite && <In />}
      <Imports />
    </div>
  );
}

function Out() {
  const [busy, setBusy] = useState<Format | null>(null);
  const save = async (format: Format) => {
    setBusy(format);
    try {
      const query = { format, workspace_id: EVERYTHING };
      const file = await unwrap(api.GET('/v1/memory/export', { params: { query }, parseAs: 'blob' }));
      const day = new Date().toISOString().slice(0, 10);
      downloadFile(`talome-memory-${day}.${format === 'jsonl' ? 'jsonl' : 'zip'}`, file as Blob);
    } catch (error) {
      toastError(t('transfer.out'), error);
    }
    setBusy(null);
  };
  return (
    <Section title={t('transfer.out')} text={t('transfer.outText')}>
      <div className={classes.row}>
        <Button variant="default" leftSection={<IconDownload size={16} />} loading={busy === 'jsonl'} disabled={busy !== null} onClick={() => void save('jsonl')}>
          {t('transfer.lines')}
        </Button>
        <Button variant="default" leftSection={<IconDownload size={16} />} loading={busy === 'markdown'} disabled={busy !== null} onClick={() => void save('markdown')}>
          {t('transfer.markdown')}
        </Button>
      </div>
    </Section>
  );
}

function In() {
  const client = useQueryClient();
  const places = usePlaces();
  const [file, setFile] = useState<File | null>(null);
  const [place, setPlace] = useState('file');
  const [secrets, setSecrets] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const fileName = useId();
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (file === null) return setProblem(t('transfer.needed'));
    setBusy(true);
    try {
      const query = { name: file.name, allow_secrets: secrets, ...(place !== 'file' && { workspace_id: place }) };
      await unwrap(api.POST('/v1/memory/imports/upload', { params: { query }, body: file as never, bodySerializer: () => file, headers: { 'Content-Type': 'application/octet-stream' } }));
      setProblem(null);
    } catch (error) {
      toastError(t('transfer.in'), error);
    }
    setBusy(false);
    await refreshMemory(client);
  };
  return (
    <Section title={t('transfer.in')} text={t('transfer.inText')}>
      <form className={classes.askForm} onSubmit={(event) => void send(event)}>
        <div>
          <label className={classes.label} htmlFor={fileName}>
            {t('transfer.file')}
          </label>
          <input
            id={fileName}
            type="file"
            className={classes.file}
            aria-invalid={problem !== null}
            onChange={(event) => {
              setFile(event.currentTarget.files?.[0] ?? null);
              setProblem(null);
            }}
          />
          {problem !== null && (
            <p className={classes.problem} role="alert">
              {problem}
            </p>
          )}
        </div>
        <NativeSelect
          label={t('transfer.into')}
          value={place}
          onChange={(event) => setPlace(event.currentTarget.value)}
          data={[{ value: 'file', label: t('transfer.asInFile') }, ...places.filter(({ value }) => value !== '')]}
        />
        <Checkbox label={t('transfer.secrets')} description={t('transfer.secretsHelp')} checked={secrets} onChange={(event) => setSecrets(event.currentTarget.checked)} />
        <div className={classes.row}>
          <Button type="submit" leftSection={<IconUpload size={16} />} loading={busy}>
            {t('transfer.in')}
          </Button>
        </div>
      </form>
    </Section>
  );
}

const isBusy = ({ finished_at }: Import): boolean => finished_at === null;

function Imports() {
  const client = useQueryClient();
  const list = useQuery({
    queryKey: ['memory', 'imports'],
    queryFn: async () => {
      const found = await unwrap(api.GET('/v1/memory/imports'));
      const before = client.getQueryData<typeof found>(['memory', 'imports']);
      if (before?.data.some(isBusy) && !found.data.some(isBusy)) void client.invalidateQueries({ queryKey: ['memory', 'notes'] });
      return found;
    },
    refetchInterval: ({ state }) => (state.data?.data.some(isBusy) ? BUSY_MS : CALM_MS),
  });
  return (
    <Loaded list={list}>
      {({ data }) =>
        data.length > 0 && (
          <Section title={t('transfer.imports')}>
            <ul className={classes.cards} aria-label={t('transfer.imports')}>
              {data.map((each) => (
                <li key={each.id} className={classes.card}>
                  <div className={classes.cardHead}>
                    <span className={classes.strong}>{each.name}</span>
                    <StateBadge state={stateOf(each)} />
                  </div>
                  <div className={classes.marks}>
                    <span>{t('transfer.added', { count: each.added })}</span>
                    <span>{t('transfer.changed', { count: each.changed })}</span>
                    <span>{t('transfer.same', { count: each.same })}</span>
                    <span className={classes.when}>
                      <Time iso={each.created_at} />
                    </span>
                  </div>
                  {isBusy(each) && each.total !== null && (
                    <progress className={classes.progress} max={each.total} value={each.done} aria-label={t('transfer.progress', { done: each.done, total: each.total })} />
                  )}
                  {each.problem !== null && <p className={classes.problem}>{each.problem}</p>}
                  {each.left_out > 0 && (
                    <details className={classes.further}>
                      <summary>{t('transfer.leftOut', { count: each.left_out })}</summary>
                      <ul className={classes.plainList}>
                        {each.problems.map(({ place, reason }, number) => (
                          <li key={number}>
                            <span className={classes.strong}>{place}</span> <span className={classes.told}>{reason}</span>
                          </li>
                        ))}
                      </ul>
                    </details>
                  )}
                </li>
              ))}
            </ul>
          </Section>
        )
      }
    </Loaded>
  );
}

function stateOf({ state }: Import): State {
  if (state === 'done') return { tone: 'ok', label: t('transfer.done') };
  if (state === 'failed') return { tone: 'danger', label: t('transfer.failed') };
  return { tone: 'info', label: t('transfer.going') };
}
