import { NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { WidgetManifest, WidgetOption } from '@/api/types';
import { explain } from '@/components/explain';
import { t } from '@/i18n';
import { at, isNumber, isNumberList, isScalar, type Spot, spoken, spots } from '../widgets/pointer';
import { ask } from '../widgets/source';
import { type Format, writtenText } from '../widgets/written';
import classes from './Arrange.module.css';
import { argumentsOf, type Draft, type Problems } from './draft';

type Kind = Exclude<WidgetManifest['kind'], 'links' | 'text'>;

interface Props {
  kind: Kind;
  draft: Draft;
  options: WidgetOption[];
  option: WidgetOption | undefined;
  problems: Problems;
  onChange: (part: Partial<Draft>) => void;
}

/** The first sentence of what an operation says about itself. */
const sentenceOf = (summary: string) => (/^.*?[.;:](?=\s|$)/.exec(summary)?.[0] ?? summary).replace(/[.;:]$/, '').replaceAll('`', '');

const FITS: Record<Kind, (value: unknown) => boolean> = {
  stat: (value) => isScalar(value) || Array.isArray(value),
  gauge: isNumber,
  chart: (value) => isNumber(value) || isNumberList(value),
  list: Array.isArray,
};
const FORMATS: [Format, 'home.formatPlain' | 'home.formatPercent' | 'home.formatBytes' | 'home.formatBytesPerSecond' | 'home.formatTime'][] = [
  ['plain', 'home.formatPlain'],
  ['percent', 'home.formatPercent'],
  ['bytes', 'home.formatBytes'],
  ['bytesPerSecond', 'home.formatBytesPerSecond'],
  ['time', 'home.formatTime'],
];
const REFRESHES = [5, 10, 30, 60, 300, 1800, 3600];
const MOST_SHOWN = 40;

/** Where the value of a widget comes from, chosen from what the server answers right now. */
export function SourceFields({ kind, draft, options, option, problems, onChange }: Props) {
  const wanted = argumentsOf(option);
  const args = Object.fromEntries(Object.entries(draft.arguments).filter(([, value]) => value !== ''));
  const ready = option !== undefined && wanted.every(({ name, required }) => !required || args[name]);
  const sample = useQuery({
    queryKey: ['widget', option?.route, args],
    queryFn: () => ask(option?.route ?? '', args),
    enabled: ready,
    retry: false,
  });
  const sorted = [...options].sort((a, b) => a.summary.localeCompare(b.summary));
  return (
    <>
      <NativeSelect
        label={t('home.widgetFrom')}
        size="md"
        value={draft.operation}
        error={problems.operation ?? problems.source}
        onChange={(event) => onChange({ operation: event.currentTarget.value, arguments: {}, path: null, labelPath: '', valuePath: null, timesPath: null })}
        data={[{ value: '', label: t('home.widgetChoose') }, ...sorted.map(({ operation, summary }) => ({ value: operation, label: sentenceOf(summary) }))]}
      />
      {wanted.length > 0 && (
        <div className={classes.pair}>
          {wanted.map(({ name, required, choices }) => {
            const shared = {
              label: name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase(),
              size: 'md',
              value: draft.arguments[name] ?? '',
              error: problems[`arguments.${name}`],
              required,
              withAsterisk: false,
              onChange: (event: { currentTarget: { value: string } }) =>
                onChange({ arguments: { ...draft.arguments, [name]: event.currentTarget.value } }),
            };
            return choices === null ? (
              <TextInput key={name} {...shared} autoComplete="off" />
            ) : (
              <NativeSelect key={name} {...shared} data={[{ value: '', label: '–' }, ...choices]} />
            );
          })}
        </div>
      )}
      {sample.isFetching && sample.data === undefined && <p className={classes.hint}>{t('home.widgetLooking')}</p>}
      {sample.error !== null && <p className={classes.hint}>{explain(sample.error).why}</p>}
      {sample.data !== undefined && <ValueFields kind={kind} draft={draft} answer={sample.data} problems={problems} onChange={onChange} />}
    </>
  );
}

interface ValueProps extends Pick<Props, 'kind' | 'draft' | 'problems' | 'onChange'> {
  answer: unknown;
}

const choice = ({ pointer, value }: Spot) => {
  const name = spoken(pointer) || t('home.wholeAnswer');
  return { value: pointer, label: `${name}: ${writtenText(value, 'plain', '').slice(0, MOST_SHOWN)}` };
};

/** What most lists call their items by. */
const nameIn = (item: unknown): string => ['/name', '/title', '/id'].find((pointer) => isScalar(at(item, pointer))) ?? '';

function ValueFields({ kind, draft, answer, problems, onChange }: ValueProps) {
  const found = spots(answer, FITS[kind]);
  const only = found.length === 1 || found[0]?.pointer === '' ? found[0]?.pointer : undefined;
  const choose = (path: string) => {
    const value = at(answer, path);
    const times = isNumberList(value) && isNumberList(at(answer, '/at')) ? '/at' : null;
    onChange({ path, timesPath: times, labelPath: Array.isArray(value) ? nameIn(value[0]) : '' });
  };
  // Where there is nothing to choose, nobody is asked.
  useEffect(() => {
    if (draft.path === null && only !== undefined) choose(only);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once for each answer
  }, [only, draft.path]);
  if (found.length === 0) return <p className={classes.hint}>{t('home.widgetNothing')}</p>;
  const chosen = draft.path === null ? undefined : at(answer, draft.path);
  return (
    <>
      <NativeSelect
        label={t('home.widgetValue')}
        size="md"
        value={draft.path ?? '?'}
        error={problems.path}
        onChange={(event) => choose(event.currentTarget.value)}
        data={[...(draft.path === null ? [{ value: '?', label: t('home.widgetChoose'), disabled: true }] : []), ...found.map(choice)]}
      />
      {kind === 'list' && Array.isArray(chosen) && chosen.length > 0 && <LineFields draft={draft} first={chosen[0]} onChange={onChange} />}
      <div className={classes.pair}>
        {(kind === 'stat' || kind === 'chart') && (
          <NativeSelect
            label={t('home.widgetFormat')}
            size="md"
            value={draft.format}
            onChange={(event) => onChange({ format: event.currentTarget.value as Format })}
            data={FORMATS.filter(([value]) => kind === 'stat' || value !== 'time').map(([value, key]) => ({ value, label: t(key) }))}
          />
        )}
        {kind !== 'list' && (
          <TextInput label={t('home.widgetUnit')} value={draft.unit} maxLength={12} error={problems.unit} onChange={(event) => onChange({ unit: event.currentTarget.value })} />
        )}
        {kind === 'gauge' && (
          <>
            <TextInput label={t('home.widgetLow')} inputMode="decimal" value={draft.minimum} error={problems.minimum} onChange={(event) => onChange({ minimum: event.currentTarget.value })} />
            <TextInput label={t('home.widgetHigh')} inputMode="decimal" value={draft.maximum} error={problems.maximum} onChange={(event) => onChange({ maximum: event.currentTarget.value })} />
          </>
        )}
        {kind === 'list' && (
          <TextInput label={t('home.widgetMost')} inputMode="numeric" value={draft.most} error={problems.most} onChange={(event) => onChange({ most: event.currentTarget.value })} />
        )}
        <NativeSelect
          label={t('home.widgetRefresh')}
          size="md"
          value={String(draft.refreshS)}
          onChange={(event) => onChange({ refreshS: Number(event.currentTarget.value) })}
          data={REFRESHES.map((seconds) => ({
            value: String(seconds),
            label: seconds < 60 ? t('home.seconds', { count: seconds }) : t('home.minutes', { count: seconds / 60 }),
          }))}
        />
      </div>
    </>
  );
}

/** What of each item of a list stands in its line. */
function LineFields({ draft, first, onChange }: Pick<Props, 'draft' | 'onChange'> & { first: unknown }) {
  const found = spots(first, isScalar).map(choice);
  return (
    <div className={classes.pair}>
      <NativeSelect
        label={t('home.widgetLabel')}
        size="md"
        value={draft.labelPath}
        onChange={(event) => onChange({ labelPath: event.currentTarget.value })}
        data={[...(found.some(({ value }) => value === '') ? [] : [{ value: '', label: t('home.widgetChoose') }]), ...found]}
      />
      <NativeSelect
        label={t('home.widgetEnd')}
        size="md"
        value={draft.valuePath ?? '?'}
        onChange={(event) => onChange({ valuePath: event.currentTarget.value === '?' ? null : event.currentTarget.value })}
        data={[{ value: '?', label: t('home.widgetNone') }, ...found]}
      />
    </div>
  );
}
