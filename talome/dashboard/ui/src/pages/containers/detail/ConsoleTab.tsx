import { Button, Checkbox, TextInput } from '@mantine/core';
import { IconPlayerPlay, IconTerminal2 } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type KeyboardEvent, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { Container } from '@/api/types';
import { useMay } from '@/app/session';
import { useStored } from '@/components/useStored';
import { t } from '@/i18n';
import { plainText } from '../logs/ansi';
import { Card } from './Card';
import classes from './Detail.module.css';
import { OpenTerminal } from './OpenTerminal';
import { Run, type RunResult } from './Run';

const MOST_REMEMBERED = 50;
const TIMEOUT_S = 60;

/** One command in the container, with what it said; for more than one there is the terminal. */
export function ConsoleTab({ container }: { container: Container }) {
  const mayTerminal = useMay('terminal:write');
  const [stored, remember] = useStored<{ commands: string[] }>('console', { commands: [] });
  const [command, setCommand] = useState('');
  const [shell, setShell] = useState(true);
  const [place, setPlace] = useState(-1);
  const [runs, setRuns] = useState<RunResult[]>([]);
  const running = container.state === 'running';

  const exec = useMutation({
    mutationFn: (wanted: string) =>
      unwrap(
        api.POST('/api/containers/{id}/exec', {
          params: { path: { id: container.id } },
          body: { command: wanted, shell, timeoutS: TIMEOUT_S },
        }),
      ),
    onSuccess: (output, wanted) => setRuns((before) => [{ command: wanted, output, error: null }, ...before]),
    onError: (error, wanted) => setRuns((before) => [{ command: wanted, output: null, error }, ...before]),
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = command.trim();
    if (wanted === '' || exec.isPending) return;
    remember({ commands: [wanted, ...stored.commands.filter((each) => each !== wanted)].slice(0, MOST_REMEMBERED) });
    setPlace(-1);
    exec.mutate(wanted);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = event.key === 'ArrowUp' ? place + 1 : event.key === 'ArrowDown' ? place - 1 : null;
    if (next === null || next >= stored.commands.length || next < -1) return;
    event.preventDefault();
    setPlace(next);
    setCommand(stored.commands[next] ?? '');
  };
  return (
    <div className={classes.overview}>
      <Card title={t('console.title')} actions={mayTerminal && running && <OpenTerminal container={container} />}>
        <form className={classes.consoleForm} onSubmit={onSubmit}>
          <TextInput
            className={classes.consoleInput}
            size="sm"
            aria-label={t('console.command')}
            placeholder={t('console.placeholder')}
            value={command}
            disabled={!running}
            onChange={(event) => setCommand(event.currentTarget.value)}
            onKeyDown={onKeyDown}
            leftSection={<IconTerminal2 size={16} stroke={1.75} />}
            spellCheck={false}
            autoCapitalize="none"
            autoComplete="off"
          />
          <Button type="submit" disabled={!running || command.trim() === ''} loading={exec.isPending} leftSection={<IconPlayerPlay size={16} />}>
            {t('console.run')}
          </Button>
        </form>
        <Checkbox label={t('console.shell')} checked={shell} onChange={(event) => setShell(event.currentTarget.checked)} />
        <p className={classes.none}>{t(running ? 'console.help' : 'console.notRunning')}</p>
      </Card>
      <div role="log" aria-label={t('console.output')} className={classes.overview}>
        {runs.map((run, index) => (
          <Run key={runs.length - index} run={run} clean={plainText} />
        ))}
      </div>
    </div>
  );
}
