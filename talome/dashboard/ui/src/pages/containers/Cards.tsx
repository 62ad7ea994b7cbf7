import { Checkbox } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Container } from '@/api/types';
import { AppIcon } from '@/components/AppIcon';
import { StateBadge } from '@/components/StateBadge';
import { addressOf, iconSeed, publishedPorts, stateOf, titleOf } from '@/domain/containers';
import { t } from '@/i18n';
import { bytes, percent } from '@/i18n/format';
import classes from './Containers.module.css';
import { Ports } from './Ports';
import { RowMenu } from './RowMenu';
import type { ListProps } from './Table';
import type { Selection } from './useSelection';

/** The containers on a phone. Ticks appear once the first container has been chosen from its menu. */
export function Cards({ groups, grouped, selection }: ListProps) {
  return (
    <>
      {groups.map((group) => (
        <section key={group.project ?? ''} className={classes.cardGroup}>
          {grouped && (
            <h2 className={classes.cardGroupTitle}>
              {group.project ?? t('containers.noProject')}
              <span className={classes.groupCount}>{t('containers.count', { count: group.containers.length })}</span>
            </h2>
          )}
          <ul className={classes.cards}>
            {group.containers.map((container) => (
              <Card key={container.id} container={container} selection={selection} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function Card({ container, selection }: { container: Container; selection: Selection | null }) {
  const name = titleOf(container);
  const usage = container.state === 'running' ? container.usage : null;
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
            <span className={classes.nameText}>{name}</span>
            <StateBadge state={stateOf(container)} />
          </span>
        </Link>
        <RowMenu container={container} size={44} onSelect={selection && (() => selection.set([container], !ticked))} />
      </div>
      {(usage !== null || published) && (
        <div className={classes.cardFacts}>
          {usage && (
            <span className="num">
              {t('containers.cpu')} {percent(usage.cpuPercent)} · {bytes(usage.memoryBytes)}
            </span>
          )}
          {published && <Ports container={container} name={name} />}
        </div>
      )}
    </li>
  );
}
