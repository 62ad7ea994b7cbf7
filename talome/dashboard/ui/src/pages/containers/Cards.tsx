import { Checkbox } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { memo, useEffect, useRef, useState } from 'react';
import type { Container } from '@/api/types';
import { AppIcon } from '@/components/AppIcon';
import { StateBadge } from '@/components/StateBadge';
import { addressOf, iconSeed, publishedPorts, stateOf, titleOf } from '@/domain/containers';
import { t } from '@/i18n';
import classes from './Containers.module.css';
import { CardFigures } from './Figures';
import { Fold } from './Fold';
import { Ports } from './Ports';
import { RowMenu } from './RowMenu';
import type { ListProps } from './Table';
import type { Selection } from './useSelection';

/** As many as are drawn at first, and again whenever the end comes near. */
const STEP = 60;

/** The containers on a phone. Ticks appear once the first container has been chosen from its menu. */
export function Cards({ groups, grouped, folded, onFold, selection }: ListProps) {
  const [most, setMost] = useState(STEP);
  let room = most;
  const parts = groups.map((group) => {
    const closed = grouped && folded.includes(group.project ?? '');
    const containers = closed ? [] : group.containers.slice(0, Math.max(0, room));
    room -= containers.length;
    return { group, closed, containers };
  });
  return (
    <>
      {parts.map(({ group, closed, containers }) => (
        <section key={group.project ?? ''} className={classes.cardGroup}>
          {grouped && (
            <h2 className={classes.cardGroupTitle}>
              <Fold group={group} closed={closed} onFold={onFold} />
            </h2>
          )}
          <ul className={classes.cards}>
            {containers.map((container) => (
              <Card key={container.id} container={container} selection={selection} />
            ))}
          </ul>
        </section>
      ))}
      {room <= 0 && <More onReached={() => setMost(most + STEP)} />}
    </>
  );
}

/** The end of what is drawn: when it comes near, more is. */
function More({ onReached }: { onReached: () => void }) {
  const end = useRef<HTMLDivElement>(null);
  const reached = useRef(onReached);
  reached.current = onReached;
  useEffect(() => {
    const element = end.current;
    if (element === null) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && reached.current(), { rootMargin: '800px' });
    observer.observe(element);
    return () => observer.disconnect();
  });
  return <div ref={end} />;
}

interface CardProps {
  container: Container;
  selection: Selection | null;
}

const same = (a: CardProps, b: CardProps) =>
  a.container === b.container &&
  (a.selection === null) === (b.selection === null) &&
  a.selection?.has(a.container.id) === b.selection?.has(b.container.id) &&
  (a.selection?.chosen.length ?? 0) > 0 === (b.selection?.chosen.length ?? 0) > 0;

const Card = memo(function Card({ container, selection }: CardProps) {
  const name = titleOf(container);
  const running = container.state === 'running';
  const published = publishedPorts(container).length > 0;
  const choosing = selection !== null && selection.chosen.length > 0;
  const ticked = selection?.has(container.id) ?? false;
  return (
    <li className={classes.card} data-ticked={ticked || undefined}>
      <div className={classes.cardTop}>
        {choosing && (
          <Checkbox
            size="md"
            aria-label={t('containers.select', { name })}
            checked={ticked}
            onChange={(event) => selection.set([container], event.currentTarget.checked)}
          />
        )}
        <Link to={addressOf(container)} className={classes.name}>
          <AppIcon name={name} seed={iconSeed(container)} size={44} />
          <span className={classes.nameWords}>
            <bdi className={classes.nameText}>{name}</bdi>
            <StateBadge state={stateOf(container)} />
          </span>
        </Link>
        <RowMenu container={container} size={44} onSelect={selection && (() => selection.set([container], !ticked))} />
      </div>
      {(running || published) && (
        <div className={classes.cardFacts}>
          <CardFigures id={container.id} />
          {published && <Ports container={container} name={name} />}
        </div>
      )}
    </li>
  );
}, same);
