import type { Plan } from '@/domain/apps';
import { t } from '@/i18n';
import { bytes } from '@/i18n/format';
import classes from './Parts.module.css';

/** What an installation or a change needs of the machine. */
export function Takes({ plan }: { plan: Plan }) {
  const images = [...new Map(plan.images.map((each) => [each.image, each])).values()];
  const absent = images.filter(({ present }) => !present).length;
  return (
    <>
      <dl className={classes.takes}>
        <div>
          <dt>{t('takes.imagesTitle')}</dt>
          <dd>
            {t('takes.images', { count: images.length })}
            <span>{absent === 0 ? t('takes.here') : t('takes.toFetch', { count: absent })}</span>
          </dd>
        </div>
        <div>
          <dt>{t('takes.free')}</dt>
          <dd className="num">{bytes(plan.freeBytes)}</dd>
        </div>
      </dl>
      {plan.folders.length > 0 && <Names title={t('takes.folders')} names={plan.folders} />}
      {plan.volumes.length > 0 && <Names title={t('takes.volumes')} names={plan.volumes} />}
      <details className={classes.fold}>
        <summary>{t('takes.file')}</summary>
        <ComposeText text={plan.compose} />
      </details>
    </>
  );
}

function Names({ title, names }: { title: string; names: string[] }) {
  return (
    <div className={classes.names}>
      <h4 className={classes.smallTitle}>{title}</h4>
      <ul>
        {names.map((name) => (
          <li key={name} className="mono">
            <bdi>{name}</bdi>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A compose file to read. */
export function ComposeText({ text }: { text: string }) {
  return (
    <pre className={classes.code} tabIndex={0} aria-label={t('takes.file')}>
      {text}
    </pre>
  );
}
