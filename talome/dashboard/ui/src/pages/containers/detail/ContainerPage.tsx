import { Button, Skeleton, Tabs } from '@mantine/core';
import { IconBoxOff } from '@tabler/icons-react';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { ApiError } from '@/api/errors';
import type { Container } from '@/api/types';
import { may } from '@/app/pages';
import { useUser } from '@/app/session';
import { AppIcon } from '@/components/AppIcon';
import { AsOf } from '@/components/AsOf';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { PageHead } from '@/components/PageHead';
import { StateBadge } from '@/components/StateBadge';
import { Time } from '@/components/Time';
import { addressOf, findContainer, iconSeed, isRunning, stateOf, titleOf } from '@/domain/containers';
import { t } from '@/i18n';
import { useContainers } from '@/live/streams';
import { sinceOf } from '../view';
import classes from './Detail.module.css';
import { HeadActions } from './HeadActions';
import { Overview } from './Overview';

const LogTab = lazy(() => import('../logs/LogTab').then((module) => ({ default: module.LogTab })));
const Rest = lazy(() => import('./Rest').then((module) => ({ default: module.Rest })));

const TABS = ['overview', 'logs', 'environment', 'mounts', 'networks', 'events', 'inspect', 'console'] as const;
export type Tab = (typeof TABS)[number];

const isTab = (text: string | undefined): text is Tab => TABS.some((tab) => tab === text);

/** The right that a part needs beyond that of seeing containers. */
const SCOPES: Partial<Record<Tab, string>> = {
  // Docker's description tells much about the machine, so it is for those who may change the container.
  inspect: 'containers:write',
  console: 'containers:exec',
};

/** One container. The address names it and the part that is shown, so both can be shared. */
export default function ContainerPage() {
  const { id = '', tab } = useParams({ strict: false });
  const { data, at, failure } = useContainers();
  if (failure !== null && data === null) {
    const error = new ApiError(failure.error, failure.status, failure.code);
    return <ErrorNotice what={t('container.loadFailed')} error={error} />;
  }
  if (data === null) return <HeadSkeleton />;
  const container = findContainer(data.containers, id);
  if (container === undefined) return <Missing name={id} />;
  return <Found container={container} given={id} tab={isTab(tab) ? tab : 'overview'} at={at} />;
}

interface FoundProps {
  container: Container;
  /** What the address called it. */
  given: string;
  tab: Tab;
  at: number | null;
}

function Found({ container, given, tab, at }: FoundProps) {
  const navigate = useNavigate();
  const user = useUser();
  const tabs = TABS.filter((each) => may(user, SCOPES[each] ?? null));
  const shown = tabs.includes(tab) ? tab : 'overview';
  const name = titleOf(container);
  const address = addressOf(container);
  const part = (next: string | null) => (next === 'overview' ? address : `${address}/${next}`);
  // A link by name leads here too; the id stays right when the name changes.
  const lasting = address.endsWith(`/${given}`);
  useEffect(() => {
    if (!lasting) void navigate({ to: part(tab), replace: true });
  });
  return (
    <>
      <PageHead
        before={<AppIcon name={name} seed={iconSeed(container)} size={56} />}
        title={name}
        detail={
          <span className={classes.headline}>
            <StateBadge state={stateOf(container)} />
            <span className={classes.status}>
              {t(isRunning(container) ? 'container.startedAt' : 'container.since')} <Time iso={sinceOf(container)} />
            </span>
            <AsOf at={at} />
          </span>
        }
        actions={<HeadActions container={container} />}
      />
      <Tabs value={shown} onChange={(next) => void navigate({ to: part(next) })} keepMounted={false}>
        <Tabs.List className={classes.tabs} mb={20} aria-label={t('container.tabs', { name })}>
          {tabs.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`container.${each}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview">
          <Overview container={container} />
        </Tabs.Panel>
        <Suspense fallback={<Skeleton height={360} radius={14} />}>
          <Tabs.Panel value="logs">
            <LogTab key={container.id} container={container} />
          </Tabs.Panel>
          {shown !== 'overview' && shown !== 'logs' && (
            <Tabs.Panel value={shown}>
              <Rest key={container.id} container={container} tab={shown} />
            </Tabs.Panel>
          )}
        </Suspense>
      </Tabs>
    </>
  );
}

function Missing({ name }: { name: string }) {
  return (
    <>
      <PageHead title={t('container.missing', { name })} hidden />
      <EmptyState
        icon={<IconBoxOff size={26} stroke={1.75} />}
        title={t('container.missing', { name })}
        text={t('container.missingText')}
        action={<Button renderRoot={(props) => <Link to="/containers" {...props} />}>{t('container.toList')}</Button>}
      />
    </>
  );
}

function HeadSkeleton() {
  return (
    <div role="status" aria-label={t('app.loading')}>
      <div className={classes.skeletonHead} aria-hidden>
        <Skeleton height={56} width={56} radius={15} />
        <div>
          <Skeleton height={28} width={200} />
          <Skeleton height={14} width={140} mt={8} />
        </div>
      </div>
      <Skeleton height={38} width={260} mb={20} />
      <Skeleton height={220} radius={14} />
    </div>
  );
}
