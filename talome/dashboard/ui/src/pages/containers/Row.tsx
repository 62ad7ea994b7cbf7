import { Checkbox } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import type { Container } from '@/api/types';
import { AppIcon } from '@/components/AppIcon';
import { StateBadge } from '@/components/StateBadge';
import { Time } from '@/components/Time';
import { addressOf, iconSeed, stateOf, titleOf } from '@/domain/containers';
import { useContainerActions } from '@/domain/useContainerActions';
import { t } from '@/i18n';
import classes from './Containers.module.css';
import { Cpu, Memory, Network } from './Figures';
import { Ports } from './Ports';
import { RowMenu } from './RowMenu';
import { sinceOf } from './view';

interface Props {
  container: Container;
  ticked: boolean;
  onTick: ((on: boolean) => void) | null;
}

const same = (a: Props, b: Props) =>
  a.container === b.container && a.ticked === b.ticked && (a.onTick === null) === (b.onTick === null);

/** One container as a row. It is drawn anew only when this container changes; its figures change by themselves. */
export const Row = memo(function Row({ container, ticked, onTick }: Props) {
  const name = titleOf(container);
  const { busy } = useContainerActions();
  return (
    <tr data-ticked={ticked || undefined} aria-busy={busy(container.id)}>
      <td className={classes.tick}>
        {onTick && (
          <Checkbox
            size="xs"
            aria-label={t('containers.select', { name })}
            checked={ticked}
            onChange={(event) => onTick(event.currentTarget.checked)}
          />
        )}
      </td>
      <th scope="row" className={classes.nameCell}>
        <Link to={addressOf(container)} className={classes.name}>
          <AppIcon name={name} seed={iconSeed(container)} size={36} />
          <span className={classes.nameWords}>
            <bdi className={classes.nameText} title={name}>
              {name}
            </bdi>
            <bdi className={classes.image} title={container.image}>
              {container.image}
            </bdi>
          </span>
        </Link>
      </th>
      <td>
        <StateBadge state={stateOf(container)} />
      </td>
      <td>
        <Ports container={container} name={name} />
      </td>
      <td className={classes.end}>
        <Cpu id={container.id} />
      </td>
      <td className={classes.end}>
        <Memory id={container.id} />
      </td>
      <td className={classes.end}>
        <Network id={container.id} />
      </td>
      <td className={`${classes.end} ${classes.since}`}>
        <Time iso={sinceOf(container)} />
      </td>
      <td className={classes.menuCell}>
        <RowMenu container={container} />
      </td>
    </tr>
  );
}, same);
