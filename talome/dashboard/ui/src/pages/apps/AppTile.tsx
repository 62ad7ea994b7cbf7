import { ActionIcon, Button, Checkbox, Menu } from '@mantine/core';
import { IconArrowUpRight, IconDots } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { AppPicture } from '@/components/AppPicture';
import { StateBadge } from '@/components/StateBadge';
import { addressOfApp, iconOfApp, type InstalledApp, pageOfApp, stateOfApp } from '@/domain/apps';
import { actionsFor } from '@/domain/appPower';
import { t } from '@/i18n';
import { power } from './actions';
import classes from './Apps.module.css';

interface Props {
  app: InstalledApp;
  /** Null where nothing may be done to it. */
  ticked: boolean | null;
  onTick: (on: boolean) => void;
  onUpdate: () => void;
  onUninstall: () => void;
}

/** An installed app: how it is, the way in, and what can be done to it. */
export function AppTile(props: Props) {
  const { app, ticked, onTick } = props;
  const { name, version, update } = app;
  const page = pageOfApp(app);
  return (
    <li className={classes.tile} data-ticked={ticked || undefined}>
      <div className={classes.top}>
        <Link to={addressOfApp(app.id)} className={classes.name}>
          <AppPicture name={name} seed={app.id} src={iconOfApp(app)} size={52} />
          <span className={classes.words}>
            <strong>
              <bdi>{name}</bdi>
            </strong>
            <StateBadge state={stateOfApp(app)} />
          </span>
        </Link>
        {ticked !== null && (
          <>
            <Checkbox
              className={classes.tick}
              aria-label={t('apps.select', { name })}
              checked={ticked}
              onChange={(event) => onTick(event.currentTarget.checked)}
            />
            <TileMenu {...props} />
          </>
        )}
      </div>
      <div className={classes.bottom}>
        <span className={classes.version}>
          {update !== null ? (
            <span className={classes.update}>{t('apps.updateTo', { version: update })}</span>
          ) : (
            version && t('apps.version', { version })
          )}
        </span>
        {page !== null && (
          <Button
            size="xs"
            variant="light"
            component="a"
            href={page}
            target="_blank"
            rel="noopener noreferrer"
            rightSection={<IconArrowUpRight size={16} stroke={1.75} />}
            aria-label={t('apps.openOf', { name })}
          >
            {t('apps.open')}
          </Button>
        )}
      </div>
    </li>
  );
}

function TileMenu({ app, onUpdate, onUninstall }: Props) {
  const navigate = useNavigate();
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon size={44} aria-label={t('apps.menu', { name: app.name })}>
          <IconDots size={18} stroke={1.75} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void navigate({ to: addressOfApp(app.id) })}>{t('apps.details')}</Menu.Item>
        {actionsFor(app).map((action) => (
          <Menu.Item key={action} onClick={() => void power(action, app)}>
            {t(`apps.${action}`)}
          </Menu.Item>
        ))}
        {app.update !== null && app.state !== 'working' && <Menu.Item onClick={onUpdate}>{t('apps.update')}</Menu.Item>}
        <Menu.Divider />
        <Menu.Item color="red" disabled={app.state === 'working'} onClick={onUninstall}>
          {t('apps.uninstall')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
