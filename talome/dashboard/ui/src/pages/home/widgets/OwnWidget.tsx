import type { Place, Widget, WidgetManifest } from '@/api/types';
import { t } from '@/i18n';
import { ChartBody } from './ChartBody';
import classes from './Widgets.module.css';
import { GaugeBody, LinksBody, ListBody, StatBody, TextBody } from './bodies';
import { Sourced } from './Sourced';

interface Props {
  widget: Widget;
  size: Place['size'];
}

/** A card that a person has made. Everything in its manifest is shown as text, and nothing of it is run. */
export default function OwnWidget({ widget, size }: Props) {
  const { manifest, problem } = widget;
  return (
    <section className={classes.widget} aria-label={manifest.title} data-kind={manifest.kind}>
      <h2 className={classes.title} dir="auto">
        {manifest.title}
      </h2>
      {problem === null ? (
        <Body manifest={manifest} route={widget.route} size={size} />
      ) : (
        <p className={classes.problem}>
          {t('home.widgetProblem')}: {problem}
        </p>
      )}
    </section>
  );
}

function Body({ manifest, route, size }: { manifest: WidgetManifest; route: string | null; size: Place['size'] }) {
  if (manifest.kind === 'links') return <LinksBody manifest={manifest} />;
  if (manifest.kind === 'text') return <TextBody manifest={manifest} />;
  return (
    <Sourced manifest={manifest} route={route}>
      {(answer, asked) => {
        switch (manifest.kind) {
          case 'stat':
            return <StatBody manifest={manifest} answer={answer} />;
          case 'gauge':
            return <GaugeBody manifest={manifest} answer={answer} />;
          case 'list':
            return <ListBody manifest={manifest} answer={answer} />;
          case 'chart':
            return <ChartBody manifest={manifest} answer={answer} asked={asked} height={size === 'small' ? 64 : 110} />;
        }
      }}
    </Sourced>
  );
}
