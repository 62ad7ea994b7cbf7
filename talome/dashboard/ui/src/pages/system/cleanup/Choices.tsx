import type { ReactNode } from 'react';
import { DataList } from '@/components/DataList';
import type { Column, Ticks } from '@/components/dataList';
import { Time } from '@/components/Time';
import { t } from '@/i18n';
import { bytes } from '@/i18n/format';
import classes from '../System.module.css';
import type { Candidate } from './candidates';

const COLUMNS: Column<Candidate>[] = [
  {
    id: 'name',
    label: t('system.name'),
    value: ({ name }) => name,
    show: ({ name, detail }) => (
      <>
        <span className={`${classes.words} ${classes.strong}`}>{name}</span>
        {detail !== null && <span className={classes.below}>{detail}</span>}
      </>
    ),
    width: '56%',
  },
  {
    id: 'size',
    label: t('system.size'),
    value: ({ sizeBytes }) => sizeBytes,
    show: ({ sizeBytes }) => (sizeBytes === null ? <span className="dim">{t('volume.counting')}</span> : bytes(sizeBytes)),
    end: true,
  },
  {
    id: 'created',
    label: t('system.created'),
    value: ({ createdAt }) => (createdAt === null ? null : Date.parse(createdAt)),
    show: ({ createdAt }) => (createdAt === null ? '–' : <Time iso={createdAt} />),
    end: true,
  },
];

interface Props {
  name: string;
  title: string;
  text: string;
  none: string;
  candidates: Candidate[];
  /** Left out for someone who may only look. */
  ticks?: Ticks;
  stale: boolean;
  tools?: ReactNode;
}

/** One kind of thing that could go, with what it is and what becomes of it. */
export function Choices({ name, title, text, none, candidates, ticks, stale, tools }: Props) {
  return (
    <section>
      <h2 className={classes.sectionTitle}>{title}</h2>
      <p className={classes.text}>{text}</p>
      <DataList
        name={name}
        label={title}
        columns={COLUMNS}
        rows={candidates}
        rowKey={({ id }) => id}
        order={{ sort: 'size', descending: true }}
        ticks={ticks}
        stale={stale}
        tools={tools}
        empty={<p className={classes.card}>{none}</p>}
      />
    </section>
  );
}
