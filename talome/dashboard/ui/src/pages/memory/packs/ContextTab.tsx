import { ActionIcon, Button, NativeSelect, SegmentedControl, Textarea } from '@mantine/core';
import { IconMessageQuestion, IconThumbDown, IconThumbUp } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useId, useState } from 'react';
import { api, unwrap } from '@/api/client';
import type { components } from '@/api/schema';
import { useMay } from '@/app/session';
import { useWide } from '@/app/useWide';
import { CopyButton } from '@/components/CopyButton';
import { EmptyState } from '@/components/EmptyState';
import { Section } from '@/components/Section';
import { toastError } from '@/components/toasts';
import { t } from '@/i18n';
import { decimal } from '@/i18n/format';
import classes from '../Memory.module.css';
import { NodeName } from '../notes/NodeName';
import { useSearchPlaces } from '../places';

type Pack = components['schemas']['ContextPack'];
type Included = components['schemas']['Included'];
type SectionName = Pack['sections'][number]['name'];

const BUDGETS = ['500', '1000', '2000', '4000'];
const SHADES: Record<SectionName, string> = { pinned: 'var(--info-dot)', memories: 'var(--accent-line)', sources: 'var(--warn-dot)', related: 'var(--idle-dot)' };

/** What an assistant would be given for a question: the text, what it is made of, and why the rest stayed out. */
export default function ContextTab() {
  const [query, setQuery] = useState('');
  const [budget, setBudget] = useState('2000');
  const [place, setPlace] = useState('');
  const [pack, setPack] = useState<Pack | null>(null);
  const [busy, setBusy] = useState(false);
  const places = useSearchPlaces();
  const budgetName = useId();
  const ask = async (event: FormEvent) => {
    event.preventDefault();
    if (query.trim() === '') return;
    setBusy(true);
    try {
      setPack(await unwrap(api.POST('/v1/memory/context-pack', { body: { query, max_tokens: Number(budget), ...(place && { workspace_id: place }) } })));
    } catch (error) {
      toastError(t('memory.pack.make'), error);
    }
    setBusy(false);
  };
  return (
    <div className={classes.stack}>
      <Section title={t('memory.pack.title')} text={t('memory.pack.text')}>
        <form className={classes.askForm} onSubmit={(event) => void ask(event)}>
          <Textarea label={t('memory.pack.question')} rows={2} maxLength={2000} value={query} onChange={(event) => setQuery(event.currentTarget.value)} />
          <div className={classes.pair}>
            <div>
              <span className={classes.label} id={budgetName}>
                {t('memory.pack.budget')}
              </span>
              <SegmentedControl fullWidth aria-labelledby={budgetName} value={budget} onChange={setBudget} data={BUDGETS} />
            </div>
            <NativeSelect label={t('memory.place')} value={place} onChange={(event) => setPlace(event.currentTarget.value)} data={places} />
          </div>
          <div className={classes.row}>
            <Button type="submit" loading={busy} disabled={query.trim() === ''}>
              {t('memory.pack.make')}
            </Button>
          </div>
        </form>
      </Section>
      {pack !== null && <Shown key={pack.id} pack={pack} />}
    </div>
  );
}

function Shown({ pack }: { pack: Pack }) {
  const { telemetry } = pack;
  const names = namesOf(pack);
  const told = telemetry.included.filter(({ kind }) => kind === 'memory' || kind === 'source');
  const around = telemetry.included.filter((item) => !told.includes(item));
  if (telemetry.included.length === 0) {
    return <EmptyState icon={<IconMessageQuestion size={26} stroke={1.75} />} title={t('memory.nothing')} text={t('memory.pack.nothingText')} />;
  }
  return (
    <>
      <Section
        title={t('memory.pack.result')}
        text={t('memory.pack.told', { tokens: pack.tokens, most: pack.max_tokens, candidates: telemetry.candidates, ms: decimal(telemetry.took_ms) })}
      >
        <Budget pack={pack} />
        <pre className={classes.pack} tabIndex={0} aria-label={t('memory.pack.result')}>
          {pack.text}
        </pre>
        <div className={classes.row}>
          <CopyButton size="sm" text={pack.text} label={t('memory.pack.copy')} />
        </div>
      </Section>
      <Section title={t('memory.pack.included')}>
        <ul className={classes.cards} aria-label={t('memory.pack.included')}>
          {told.map((item) => (
            <Item key={item.id} pack={pack} item={item} name={names.get(item.id) ?? item.id} />
          ))}
        </ul>
        <Listed items={around} names={names} />
      </Section>
      {telemetry.dropped.length > 0 && (
        <Section title={t('memory.pack.dropped')} text={t('memory.pack.droppedText')}>
          <Listed items={telemetry.dropped} names={names} />
        </Section>
      )}
    </>
  );
}

/** One line for each: what it is, how it is called, and why it is in or out. */
function Listed({ items, names }: { items: Pick<Included, 'id' | 'kind' | 'reason'>[]; names: Map<string, string> }) {
  return (
    <ul className={classes.plainList}>
      {items.map(({ id, kind, reason }) => (
        <li key={id} className={classes.tie}>
          <span className={classes.mark}>{t(`memory.pack.kind.${kind}`)}</span>
          {kind === 'memory' || kind === 'entity' ? (
            <NodeName type={kind === 'memory' ? 'note' : 'entity'} id={id} />
          ) : (
            <span className={classes.strong}>{names.get(id) ?? id}</span>
          )}
          <span className={classes.told}>{reason}</span>
        </li>
      ))}
    </ul>
  );
}

/** What each thing in a pack is called. */
function namesOf(pack: Pack): Map<string, string> {
  const entity = (id: string) => pack.entities.find((each) => each.id === id)?.name ?? t('memory.aNote');
  const cut = (text: string) => (text.length > 90 ? `${text.slice(0, 88).trimEnd()} …` : text);
  return new Map<string, string>([
    ...pack.memories.map(({ id, title, content }) => [id, cut(title || content)] as const),
    ...pack.sources.flatMap(({ chunk_ids, title, heading }) => chunk_ids.map((id) => [id, cut([title, heading].filter(Boolean).join(' › '))] as const)),
    ...pack.entities.map(({ id, name }) => [id, name] as const),
    ...pack.events.map(({ id, summary }) => [id, cut(summary)] as const),
    ...pack.links.map(({ id, source_id, relation, target_id }) => [id, `${entity(source_id)} ${relation} ${entity(target_id)}`] as const),
  ]);
}

/** How the budget was spent: each section with its share. */
function Budget({ pack }: { pack: Pack }) {
  let from = 0;
  const parts = pack.sections.map(({ name, title, tokens }) => {
    const part = { name, title, tokens, x: from, width: (100 * tokens) / pack.max_tokens };
    from += part.width;
    return part;
  });
  return (
    <>
      <div className={classes.budget} aria-hidden>
        <svg viewBox="0 0 100 10" preserveAspectRatio="none">
          {parts.map(({ name, x, width }) => (
            <rect key={name} x={x} width={width} height="10" fill={SHADES[name]} />
          ))}
        </svg>
      </div>
      <ul className={classes.legend}>
        {parts.map(({ name, title, tokens }) => (
          <li key={name}>
            <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden>
              <rect width="10" height="10" rx="3" fill={SHADES[name]} />
            </svg>
            {t('memory.pack.share', { name: title, count: tokens })}
          </li>
        ))}
      </ul>
    </>
  );
}

function ItemName({ id, kind, name }: { id: string; kind: Included['kind']; name: string }) {
  if (kind === 'memory') {
    return (
      <Link to="/memory/notes/$id" params={{ id }} className={classes.cardTitle}>
        {name}
      </Link>
    );
  }
  return <span className={classes.strong}>{name}</span>;
}

function Item({ pack, item, name }: { pack: Pack; item: Included; name: string }) {
  const mayRate = useMay('memory:write') && (item.kind === 'memory' || item.kind === 'source');
  const size = useWide() ? 34 : 44;
  const [rated, setRated] = useState<'helpful' | 'unhelpful' | null>(null);
  const rate = async (as: 'helpful' | 'unhelpful') => {
    try {
      await unwrap(api.POST('/v1/memory/packs/{id}/feedback', { params: { path: { id: pack.id } }, body: { [as]: [item.id] } }));
      setRated(as);
    } catch (error) {
      toastError(t(`memory.pack.${as}`), error);
    }
  };
  const citation = pack.citations.find(({ id }) => id === item.id);
  return (
    <li className={classes.card}>
      <div className={classes.cardHead}>
        <ItemName id={item.id} kind={item.kind} name={name} />
        {mayRate && (
          <span className={classes.cardButtons}>
            <ActionIcon size={size} aria-pressed={rated === 'helpful'} variant={rated === 'helpful' ? 'filled' : 'subtle'} aria-label={t('memory.pack.helpfulOf', { name })} onClick={() => void rate('helpful')}>
              <IconThumbUp size={18} stroke={1.75} />
            </ActionIcon>
            <ActionIcon size={size} aria-pressed={rated === 'unhelpful'} variant={rated === 'unhelpful' ? 'filled' : 'subtle'} aria-label={t('memory.pack.unhelpfulOf', { name })} onClick={() => void rate('unhelpful')}>
              <IconThumbDown size={18} stroke={1.75} />
            </ActionIcon>
          </span>
        )}
      </div>
      <div className={classes.marks}>
        <span className={classes.mark}>{t(`memory.pack.kind.${item.kind}`)}</span>
        {citation !== undefined && citation.place !== '' && <span>{citation.place}</span>}
        <span>{t('memory.pack.tokens', { count: item.tokens })}</span>
      </div>
      <p className={classes.told}>{item.reason}</p>
    </li>
  );
}
