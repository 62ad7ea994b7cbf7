import { IconAlertTriangle, IconBan, IconCheck, IconChevronDown } from '@tabler/icons-react';
import { memo, useId, useState } from 'react';
import { Time } from '@/components/Time';
import { t } from '@/i18n';
import { exactTime } from '@/i18n/format';
import classes from './Audit.module.css';
import { type Entry, sentenceOf, valueText } from './sentence';

const ICONS = { ok: IconCheck, denied: IconBan, failed: IconAlertTriangle };
const KINDS = {
  user: 'audit.kindUser',
  key: 'audit.kindKey',
  agent: 'audit.kindAgent',
  automation: 'audit.kindAutomation',
  anonymous: 'audit.kindAnonymous',
} as const;

/** One entry: a sentence, and everything there is to know when it is opened. */
export const EntryRow = memo(function EntryRow({ entry, target }: { entry: Entry; target: string | null }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const Icon = ICONS[entry.outcome];
  return (
    <li className={classes.entry}>
      <button type="button" className={classes.head} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        <Icon className={classes.icon} data-outcome={entry.outcome} size={18} role="img" aria-label={t(`audit.${entry.outcome}`)} />
        <span className={classes.words}>
          <strong>
            <bdi>{sentenceOf(entry)}</bdi>
          </strong>
          {target !== null && (
            <span className={classes.target}>
              <bdi>{target}</bdi>
            </span>
          )}
        </span>
        <span className={classes.when}>
          <Time iso={entry.at} />
        </span>
        <IconChevronDown className={classes.chevron} size={18} stroke={1.75} aria-hidden />
      </button>
      {open && (
        <div className={classes.details} id={id}>
          <Details entry={entry} />
        </div>
      )}
    </li>
  );
});

function Details({ entry }: { entry: Entry }) {
  const given = Object.entries(entry.arguments);
  const changes = entry.changes.filter(({ field }) => field !== 'signedIn');
  const kind = KINDS[entry.actorKind as keyof typeof KINDS];
  const facts = [
    [t('audit.exact'), entry.operation],
    [t('audit.outcome'), `${t(`audit.${entry.outcome}`)} (${entry.status}), ${exactTime(entry.at)}`],
    [t('audit.from'), entry.ip],
    [t('audit.fromKind'), kind === undefined ? entry.actorKind : t(kind)],
    [t('audit.request'), entry.requestId],
  ];
  return (
    <>
      {entry.error !== null && <p className={classes.refused}>{entry.error}</p>}
      {changes.length > 0 && (
        <Table caption={t('audit.changes')} heads={[t('audit.field'), t('audit.before'), t('audit.after')]}>
          {changes.map(({ field, old, new: after }) => (
            <tr key={field}>
              <th scope="row">{field}</th>
              <td className={classes.old}>{valueText(old)}</td>
              <td className={classes.new}>{valueText(after)}</td>
            </tr>
          ))}
        </Table>
      )}
      {given.length > 0 && (
        <Table caption={t('audit.arguments')}>
          {given.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{valueText(value)}</td>
            </tr>
          ))}
        </Table>
      )}
      <dl className={classes.facts}>
        {facts.map(([name, value]) => (
          <div key={name} className={classes.fact}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

interface TableProps {
  caption: string;
  heads?: string[];
  children: React.ReactNode;
}

function Table({ caption, heads, children }: TableProps) {
  return (
    <div className={classes.tableWrap} role="region" aria-label={caption} tabIndex={0}>
      <table className={classes.table}>
        <caption>{caption}</caption>
        {heads && (
          <thead>
            <tr>
              {heads.map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
