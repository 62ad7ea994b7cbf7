import { IconFileText } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { ApiError } from '@/api/errors';
import type { Container } from '@/api/types';
import { copyText } from '@/components/clipboard';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { toast } from '@/components/toasts';
import { useStored } from '@/components/useStored';
import { titleOf } from '@/domain/containers';
import { t } from '@/i18n';
import { listed } from '@/i18n/format';
import { AddContainers } from './AddContainers';
import { type Choice, choose, chosenText } from './choice';
import { Download } from './Download';
import { LogFoot } from './LogFoot';
import { LogOptions } from './LogOptions';
import classes from './Logs.module.css';
import { LogView } from './LogView';
import { SearchField, type Searching } from './SearchField';
import { initialSettings, type LogSettings } from './settings';
import type { Times } from './time';
import { useLog } from './useLog';
import { useLogKeys } from './useLogKeys';
import { useMatches } from './useMatches';
import { useMeasure } from './useMeasure';
import { usePosition } from './usePosition';

const NEXT_TIMES: Record<Times, Times> = { off: 'local', local: 'utc', utc: 'relative', relative: 'off' };

/** The log of a container, or of several as one: followed, searched, and kept still while it is read. */
export function LogPanel({ containers }: { containers: Container[] }) {
  const [settings, change] = useStored<LogSettings>('logs', initialSettings);
  const [searching, setSearching] = useState<Searching>({ text: '', regex: false, only: false });
  const [choice, setChoice] = useState<Choice | null>(null);
  const { model, quiet, retry } = useLog(containers, settings);
  const viewport = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const measure = useMeasure(viewport);
  const position = usePosition(viewport, model, measure.height);
  const matches = useMatches(model, position);
  const names = useNames(containers);
  const form = { times: settings.times !== 'off', names };

  // Lines that went or came change the places of those that were picked.
  const chosen = choice === null || choice.from.gone || choice.to.gone ? null : choose(model.shown, choice.from, choice.to);
  const copy = () => {
    const line = chosen ?? (matches.current && choose(model.shown, matches.current, matches.current));
    if (line === null) return;
    void copyText(chosenText(model.shown, line, form)).then((done) => {
      if (done) toast({ tone: 'ok', title: t('logs.copied', { count: line.last - line.first + 1 }) });
    });
  };
  useLogKeys({
    '/': () => {
      field.current?.focus();
      field.current?.select();
    },
    n: () => matches.step(1),
    N: () => matches.step(-1),
    f: () => (position.following ? position.stay() : position.follow()),
    End: position.follow,
    w: () => change({ wrap: !settings.wrap }),
    t: () => change({ times: NEXT_TIMES[settings.times] }),
    c: copy,
    Escape: () => setChoice(null),
  });

  const label = t('logs.title', { name: listed(containers.map(titleOf)) });
  const failure = model.feeds.find((feed) => feed.failure !== null)?.failure ?? null;
  const empty = model.buffer.entries.length === 0;
  if (failure !== null && empty) {
    return <ErrorNotice what={t('logs.failed')} error={new ApiError(failure.error, failure.status, failure.code)} onRetry={retry} />;
  }
  return (
    <div className={classes.tab}>
      <div className={classes.toolbar}>
        <SearchField
          field={field}
          model={model}
          value={searching}
          onChange={(part) => setSearching((before) => ({ ...before, ...part }))}
          place={matches.place}
          onStep={matches.step}
          onLeave={() => viewport.current?.focus()}
        />
        <AddContainers shown={containers} />
        <LogOptions settings={settings} onChange={change} />
        <Download model={model} containers={containers} sinceMinutes={settings.sinceMinutes} form={form} />
      </div>
      <div className={classes.panel}>
        {empty && (model.loaded || quiet) && (
          <div className={classes.nothing}>
            <EmptyState
              icon={<IconFileText size={26} stroke={1.75} />}
              title={t('logs.empty')}
              text={settings.sinceMinutes > 0 ? t('logs.emptySince') : t('logs.emptyText', { name: listed(containers.map(titleOf)) })}
            />
          </div>
        )}
        <LogView
          viewport={viewport}
          model={model}
          position={position}
          measure={measure}
          times={settings.times}
          wrap={settings.wrap}
          names={names}
          label={label}
          current={matches.current}
          choice={chosen}
          onChoose={(entry, extend) => setChoice(choose(model.shown, extend ? (choice?.from ?? entry) : entry, entry))}
        />
      </div>
      <LogFoot model={model} containers={containers} choice={chosen} onCopy={copy} onClear={() => setChoice(null)} />
    </div>
  );
}

/** Names for the lines of several containers; the same array as long as they are the same. */
function useNames(containers: Container[]): string[] | null {
  const names = containers.map(titleOf);
  const [known, setKnown] = useState(names);
  if (containers.length < 2) return null;
  if (known.join('\n') === names.join('\n')) return known;
  setKnown(names);
  return names;
}
