import type { components } from '@/api/schema';
import { CopyButton } from '@/components/CopyButton';
import { explain } from '@/components/explain';
import { StateBadge } from '@/components/StateBadge';
import type { Tone } from '@/domain/containers';
import { t } from '@/i18n';
import classes from './Detail.module.css';

type ExecOutput = components['schemas']['ExecOutput'];

export interface RunResult {
  command: string;
  output: ExecOutput | null;
  error: unknown;
}

function endOf({ output, error }: RunResult): { tone: Tone; label: string } {
  if (output === null) {
    const { what, why } = explain(error);
    return { tone: 'danger', label: why ?? what };
  }
  if (output.timedOut) return { tone: 'warn', label: t('console.timedOut') };
  const seconds = (output.durationMs / 1000).toFixed(1);
  return output.exitCode === 0
    ? { tone: 'ok', label: t('console.done', { seconds }) }
    : { tone: 'danger', label: t('console.failed', { code: output.exitCode ?? '?', seconds }) };
}

/** A command that was run, how it ended, and what it said. `clean` takes out what is meant for a terminal. */
export function Run({ run, clean }: { run: RunResult; clean: (line: string) => string }) {
  const tidy = (text: string) => text.replace(/\n$/, '').split('\n').map((line) => clean(line.replace(/\r$/, ''))).join('\n');
  const parts = [run.output?.stdout ?? '', run.output?.stderr ?? ''].map((text) => (text === '' ? '' : tidy(text)));
  const [stdout, stderr] = parts;
  return (
    <section className={classes.card} aria-label={run.command}>
      <div className={classes.cardHead}>
        <code className={classes.ran}>{run.command}</code>
        <CopyButton text={parts.filter(Boolean).join('\n')} />
      </div>
      <StateBadge state={endOf(run)} />
      {stdout !== '' && (
        <pre className={classes.said} tabIndex={0}>
          {stdout}
        </pre>
      )}
      {stderr !== '' && (
        <pre className={classes.said} data-error tabIndex={0} aria-label={t('console.errors')}>
          {stderr}
        </pre>
      )}
      {run.output?.truncated && <p className={classes.none}>{t('console.truncated')}</p>}
    </section>
  );
}
