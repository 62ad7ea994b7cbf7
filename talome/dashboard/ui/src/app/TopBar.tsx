import { ActionIcon, UnstyledButton } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Mark } from '@/components/Mark';
import { t } from '@/i18n';
import { Bell } from './Bell';
import { JobTray } from './JobTray';
import { PersonMenu } from './PersonMenu';
import { useMay } from './session';
import classes from './TopBar.module.css';

const apple = /Mac|iPhone|iPad/.test(navigator.platform);

interface Props {
  wide: boolean;
  onSearch: () => void;
}

export function TopBar({ wide, onSearch }: Props) {
  const maySeeJobs = useMay('jobs:read');
  const mayHear = useMay('notifications:read');
  return (
    <header className={classes.bar} data-wide={wide || undefined}>
      {wide ? (
        <UnstyledButton className={classes.search} onClick={onSearch} aria-keyshortcuts="Control+K Meta+K">
          <IconSearch size={16} stroke={1.75} aria-hidden />
          <span>{t('search.open')}</span>
          <kbd className={classes.keys} aria-hidden>
            {apple ? '⌘ K' : 'Ctrl K'}
          </kbd>
        </UnstyledButton>
      ) : (
        <Link to="/" className={classes.brand} aria-label={t('app.name')}>
          <Mark size={30} />
        </Link>
      )}
      <div className={classes.end}>
        {!wide && (
          <ActionIcon size={44} onClick={onSearch} aria-label={t('search.open')}>
            <IconSearch size={20} stroke={1.75} />
          </ActionIcon>
        )}
        {maySeeJobs && <JobTray size={wide ? 38 : 44} />}
        {mayHear && <Bell size={wide ? 38 : 44} />}
        <PersonMenu size={wide ? 38 : 44} />
      </div>
    </header>
  );
}
