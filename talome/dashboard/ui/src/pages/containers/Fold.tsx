import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { t } from '@/i18n';
import classes from './Containers.module.css';
import type { Group } from './view';

interface Props {
  group: Group;
  closed: boolean;
  onFold: (group: Group) => void;
}

/** The name of a project, which folds its containers away and back. */
export function Fold({ group, closed, onFold }: Props) {
  const Icon = closed ? IconChevronRight : IconChevronDown;
  return (
    <button type="button" className={classes.fold} aria-expanded={!closed} onClick={() => onFold(group)}>
      <Icon size={16} stroke={1.75} aria-hidden />
      <bdi className={classes.foldName}>{group.project ?? t('containers.noProject')}</bdi>
      <span className={classes.groupCount}>{t('containers.count', { count: group.containers.length })}</span>
    </button>
  );
}
