import { ActionIcon, Modal } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { components } from '@/api/schema';
import { api, unwrap } from '@/api/client';
import { downloadFile } from '@/components/clipboard';
import { Loaded } from '@/components/Loaded';
import { RemoveButton } from '@/components/RemoveButton';
import { toastError } from '@/components/toasts';
import { useRemoval } from '@/components/useRemoval';
import { t } from '@/i18n';
import { bytes, exactTime } from '@/i18n/format';
import classes from './Recordings.module.css';

type Recording = components['schemas']['TerminalRecording'];

const named = (name: string) => ({ params: { path: { name } } });

/** What was recorded: to be saved, and played by any player of asciicast, or deleted. */
export default function Recordings({ onClose }: { onClose: () => void }) {
  const list = useQuery({ queryKey: ['terminals', 'recordings'], queryFn: () => unwrap(api.GET('/api/terminal/recordings')) });
  const [askRemoval, removal] = useRemoval<Recording>({
    title: t('terminal.recordingDelete'),
    text: t('terminal.recordingDeleteText'),
    confirmLabel: t('terminal.recordingDeleteConfirm'),
    name: ({ title }) => title,
    remove: ({ name }) => unwrap(api.DELETE('/api/terminal/recordings/{name}', named(name))),
    failed: (name) => t('terminal.recordingDeleteFailed', { name }),
    refresh: () => list.refetch(),
  });
  return (
    <Modal opened onClose={onClose} title={t('terminal.recordings')} size="lg" closeButtonProps={{ 'aria-label': t('action.close') }}>
      <p className={classes.text}>{t('terminal.recordingsText')}</p>
      <Loaded list={list}>
        {(found) =>
          found.length === 0 ? (
            <p className={classes.text}>{t('terminal.recordingsNone')}</p>
          ) : (
            <ul className={classes.list}>
              {found.map((each) => (
                <li key={each.name} className={classes.row}>
                  <div className={classes.what}>
                    <div className={classes.title}>{each.title}</div>
                    <div className="dim">
                      {exactTime(each.beganAt)} · {bytes(each.sizeBytes)}
                    </div>
                  </div>
                  <Save recording={each} />
                  <RemoveButton
                    label={t('terminal.recordingDeleteOf', { title: each.title })}
                    onClick={() => askRemoval(each)}
                  />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {removal}
    </Modal>
  );
}

function Save({ recording }: { recording: Recording }) {
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const asked = { ...named(recording.name), parseAs: 'blob' as const };
      downloadFile(recording.name, (await unwrap(api.GET('/api/terminal/recordings/{name}', asked))) as Blob);
    } catch (error) {
      toastError(t('terminal.recordingSaveFailed'), error);
    }
    setBusy(false);
  };
  const label = t('terminal.recordingSave', { title: recording.title });
  return (
    <ActionIcon size={44} loading={busy} aria-label={label} title={label} onClick={() => void save()}>
      <IconDownload size={18} stroke={1.75} />
    </ActionIcon>
  );
}
