import { Button } from '@mantine/core';
import { IconCheck, IconMoodSmile, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { useMay } from '@/app/session';
import { EmptyState } from '@/components/EmptyState';
import { Loaded } from '@/components/Loaded';
import { Section } from '@/components/Section';
import { toast, toastError } from '@/components/toasts';
import { t } from '@/i18n';
import classes from '../Memory.module.css';
import { forget, refreshMemory } from '../notes/forget';
import { nameOf, type Note } from '../notes/names';
import { NoteCard } from '../notes/NoteCard';
import { EVERYTHING } from '../places';

type Finding = components['schemas']['Finding'];
type Decision = 'keep_note' | 'keep_other' | 'keep_both';

/** What waits for a person: proposals, notes that contradict each other, and what nobody confirmed for long. */
export default function ReviewTab() {
  const mayChange = useMay('memory:write');
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const list = useQuery({
    queryKey: ['memory', 'review'],
    queryFn: () => unwrap(api.GET('/v1/memory/review', { params: { query: { workspace_id: EVERYTHING, limit: 50 } } })),
  });
  const act = async (title: string, work: () => Promise<unknown>, done: string) => {
    setBusy(true);
    try {
      await work();
      toast({ tone: 'ok', title: done });
    } catch (error) {
      toastError(title, error);
    }
    setBusy(false);
    await refreshMemory(client);
  };
  const decide = (notes: Note[], approve: boolean) =>
    act(
      t(approve ? 'memory.approve' : 'memory.reject'),
      () => unwrap(api.POST(approve ? '/v1/memory/review/approve' : '/v1/memory/review/reject', { body: { ids: notes.map(({ id }) => id) } })),
      t(approve ? 'memory.approvedCount' : 'memory.rejectedCount', { count: notes.length }),
    );
  return (
    <Loaded list={list}>
      {({ pending, findings, stale, pending_total, findings_total, stale_total }) => {
        if (pending_total + findings_total + stale_total === 0) {
          return <EmptyState icon={<IconMoodSmile size={26} stroke={1.75} />} title={t('memory.nothingWaits')} text={t('memory.nothingWaitsText')} />;
        }
        return (
          <div className={classes.stack}>
            {pending.length > 0 && (
              <Section title={t('memory.proposals', { count: pending_total })} text={t('memory.proposalsText')}>
                {mayChange && pending.length > 1 && (
                  <div className={classes.row}>
                    <Button leftSection={<IconCheck size={16} />} loading={busy} onClick={() => void decide(pending, true)}>
                      {t('memory.approveAll', { count: pending.length })}
                    </Button>
                    <Button variant="default" leftSection={<IconX size={16} />} disabled={busy} onClick={() => void decide(pending, false)}>
                      {t('memory.rejectAll', { count: pending.length })}
                    </Button>
                  </div>
                )}
                <ul className={classes.cards} aria-label={t('memory.proposals', { count: pending_total })}>
                  {pending.map((note) => (
                    <NoteCard
                      key={note.id}
                      note={note}
                      footer={mayChange && (
                        <>
                          <Button size="compact-md" disabled={busy} aria-label={t('memory.approveOf', { name: nameOf(note) })} onClick={() => void decide([note], true)}>
                            {t('memory.approve')}
                          </Button>
                          <Button size="compact-md" variant="default" disabled={busy} aria-label={t('memory.rejectOf', { name: nameOf(note) })} onClick={() => void decide([note], false)}>
                            {t('memory.reject')}
                          </Button>
                        </>
                      )}
                    />
                  ))}
                </ul>
              </Section>
            )}
            {findings.length > 0 && (
              <Section title={t('memory.findings', { count: findings_total })} text={t('memory.findingsText')}>
                {findings.map((finding) => (
                  <Pair
                    key={finding.id}
                    finding={finding}
                    mayChange={mayChange && !busy}
                    onDecide={(decision) =>
                      void act(
                        t('memory.decide'),
                        () => unwrap(api.POST('/v1/memory/findings/{id}/settle', { params: { path: { id: finding.id } }, body: { decision } })),
                        t('memory.decided'),
                      )
                    }
                  />
                ))}
              </Section>
            )}
            {stale.length > 0 && (
              <Section title={t('memory.stale', { count: stale_total })} text={t('memory.staleText')}>
                <ul className={classes.cards} aria-label={t('memory.stale', { count: stale_total })}>
                  {stale.map((note) => (
                    <NoteCard
                      key={note.id}
                      note={note}
                      footer={mayChange && (
                        <>
                          <Button
                            size="compact-md"
                            disabled={busy}
                            onClick={() =>
                              void act(
                                t('memory.verify'),
                                () => unwrap(api.POST('/v1/memory/notes/{id}/verify', { params: { path: { id: note.id } } })),
                                t('memory.verified'),
                              )
                            }
                          >
                            {t('memory.verify')}
                          </Button>
                          <Button size="compact-md" variant="default" disabled={busy} onClick={() => void forget(client, note)}>
                            {t('memory.forget')}
                          </Button>
                        </>
                      )}
                    />
                  ))}
                </ul>
              </Section>
            )}
          </div>
        );
      }}
    </Loaded>
  );
}

interface PairProps {
  finding: Finding;
  mayChange: boolean;
  onDecide: (decision: Decision) => void;
}

/** Two notes side by side: they contradict each other, or say nearly the same. */
function Pair({ finding: { kind, reason, note, other }, mayChange, onDecide }: PairProps) {
  const keep = (which: Note, decision: Decision) =>
    mayChange && (
      <Button size="compact-md" variant="default" aria-label={t('memory.keepOf', { name: nameOf(which) })} onClick={() => onDecide(decision)}>
        {t('memory.keepThis')}
      </Button>
    );
  return (
    <div className={classes.finding}>
      <p className={classes.told}>
        <strong>{t(kind === 'conflict' ? 'memory.conflict' : 'memory.duplicate')}</strong> {reason}
      </p>
      <ul className={classes.two}>
        <NoteCard note={note} footer={keep(note, 'keep_note')} />
        <NoteCard note={other} footer={keep(other, 'keep_other')} />
      </ul>
      {mayChange && (
        <div className={classes.row}>
          <Button size="compact-md" variant="subtle" onClick={() => onDecide('keep_both')}>
            {t('memory.keepBoth')}
          </Button>
        </div>
      )}
    </div>
  );
}
