import type { WidgetManifest } from '@/api/types';
import { at, isNumber } from './pointer';
import classes from './Widgets.module.css';
import { written, writtenText } from './written';

type Of<Kind extends WidgetManifest['kind']> = Extract<WidgetManifest, { kind: Kind }>;

export function StatBody({ manifest, answer }: { manifest: Of<'stat'>; answer: unknown }) {
  const shown = written(at(answer, manifest.source.path ?? ''), manifest.format ?? 'plain', manifest.unit ?? '');
  return (
    <p className={classes.value} dir="auto">
      {shown.value}
      <span className={classes.unit}>{shown.unit}</span>
    </p>
  );
}

export function GaugeBody({ manifest, answer }: { manifest: Of<'gauge'>; answer: unknown }) {
  const { minimum = 0, maximum = 100, unit = '', source, title } = manifest;
  const value = at(answer, source.path ?? '');
  const span = maximum - minimum;
  const share = isNumber(value) && span > 0 ? Math.min(1, Math.max(0, (value - minimum) / span)) : 0;
  const shown = written(value, 'plain', unit);
  return (
    <>
      <p className={classes.value}>
        {shown.value}
        <span className={classes.unit}>{shown.unit}</span>
      </p>
      <div
        className={classes.meter}
        role="meter"
        aria-label={title}
        aria-valuemin={minimum}
        aria-valuemax={maximum}
        aria-valuenow={isNumber(value) ? value : minimum}
        aria-valuetext={`${shown.value} ${shown.unit}`}
      >
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <div className={classes.ends}>
        <span>{writtenText(minimum, 'plain', unit)}</span>
        <span>{writtenText(maximum, 'plain', unit)}</span>
      </div>
    </>
  );
}

export function ListBody({ manifest, answer }: { manifest: Of<'list'>; answer: unknown }) {
  const { source, labelPath = '', valuePath, most = 5 } = manifest;
  const found = at(answer, source.path ?? '');
  const items = Array.isArray(found) ? found.slice(0, most) : [];
  return (
    <ul className={classes.lines}>
      {items.map((item: unknown, index) => (
        <li key={index}>
          <bdi className={classes.lineLabel}>{written(at(item, labelPath), 'plain', '').value}</bdi>
          {valuePath !== null && valuePath !== undefined && (
            <bdi className={classes.lineValue}>{written(at(item, valuePath), 'time', '').value}</bdi>
          )}
        </li>
      ))}
    </ul>
  );
}

/** The server lets no other address through; one from elsewhere would be words and no link. */
const leadsToPage = (url: string) => /^https?:\/\//.test(url) || /^\/(?![/\\])/.test(url);

export function LinksBody({ manifest }: { manifest: Of<'links'> }) {
  return (
    <ul className={classes.links}>
      {manifest.links.map(({ title, url }, index) => (
        <li key={index} dir="auto">
          {leadsToPage(url) ? (
            <a href={url} {...(url.startsWith('/') ? {} : { target: '_blank', rel: 'noopener noreferrer' })}>
              {title}
            </a>
          ) : (
            title
          )}
        </li>
      ))}
    </ul>
  );
}

export function TextBody({ manifest }: { manifest: Of<'text'> }) {
  return (
    <p className={classes.text} dir="auto">
      {manifest.text}
    </p>
  );
}
