import { t } from '@/i18n';
import { dayTime } from '@/i18n/format';
import classes from '../System.module.css';

interface Props {
  name: string;
  times: number[];
  /** First and last index that are shown. */
  part: [number, number];
  lines: { name: string; values: (number | null)[] }[];
  format: (value: number) => string;
}

/** The figures of a chart, for everyone who cannot see it or wants to know exactly; the latest first. */
export function Numbers({ name, times, part: [first, last], lines, format }: Props) {
  const indices = Array.from({ length: last - first + 1 }, (_, place) => last - place);
  return (
    <div className={classes.numbers} tabIndex={0} role="region" aria-label={t('chart.table')}>
      <table aria-label={name}>
        <thead>
          <tr>
            <th scope="col">{t('chart.time')}</th>
            {lines.map((line) => (
              <th key={line.name} scope="col">
                {line.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {indices.map((index) => (
            <tr key={index}>
              <th scope="row">{dayTime((times[index] ?? 0) * 1000)}</th>
              {lines.map(({ name: line, values }) => {
                const value = values[index] ?? null;
                return <td key={line}>{value === null ? '–' : format(value)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
