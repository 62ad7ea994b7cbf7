import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { Container } from '@/api/types';
import { downloadFile } from '@/components/clipboard';
import { toast } from '@/components/toasts';
import { t } from '@/i18n';
import { live } from '@/live';
import type { TextForm } from './choice';
import classes from './Logs.module.css';
import type { LogModel } from './model';
import { sinceOf } from './useLog';

interface Props {
  model: LogModel;
  containers: Container[];
  sinceMinutes: number;
  form: TextForm;
}

/** Saves what is shown, or all that the chosen time holds, as a text file. */
export function Download({ model, containers, sinceMinutes, form }: Props) {
  const [collected, setCollected] = useState<number | null>(null);
  const stop = useRef<(() => void) | null>(null);
  useEffect(() => () => stop.current?.(), []);
  const name = containers.length === 1 ? `${containers[0]?.name ?? 'container'}.log` : 'containers.log';

  const end = () => {
    stop.current?.();
    stop.current = null;
    setCollected(null);
  };
  const saveShown = async () => {
    const { partsOf } = await import('./download');
    downloadFile(name, new Blob(partsOf(model.shown.lines, form), { type: 'text/plain;charset=utf-8' }));
  };
  const saveWhole = async () => {
    const { collect } = await import('./download');
    setCollected(0);
    const wanted = { ids: containers.map(({ id }) => id), since: sinceOf(sinceMinutes), form };
    stop.current = collect(live, wanted, {
      onProgress: setCollected,
      onReady: (file) => {
        end();
        downloadFile(name, file);
      },
      onFailed: (sentence) => {
        end();
        toast({ tone: 'danger', title: t('logs.downloadFailed'), text: sentence });
      },
    });
  };
  if (collected !== null) {
    return (
      <Button variant="default" size="sm" className={classes.tool} onClick={end}>
        {t('logs.collecting', { count: collected })}
      </Button>
    );
  }
  return (
    <Menu width={260}>
      <Menu.Target>
        <ActionIcon variant="default" size={36} className={classes.tool} aria-label={t('logs.download')} title={t('logs.download')}>
          <IconDownload size={18} stroke={1.75} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void saveShown()}>{t('logs.downloadShown', { count: model.shown.lines.length })}</Menu.Item>
        <Menu.Item onClick={() => void saveWhole()}>{t(sinceMinutes > 0 ? 'logs.downloadSince' : 'logs.downloadAll')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
