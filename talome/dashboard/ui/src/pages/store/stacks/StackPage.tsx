import './texts';
import { Button, Checkbox, Skeleton } from '@mantine/core';
import { IconArrowUpRight, IconCheck, IconDownload, IconLoader2, IconPackageOff, IconWand } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation, useNavigate, useParams } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import { useMay } from '@/app/session';
import { BackLink } from '@/components/BackLink';
import { AppPicture } from '@/components/AppPicture';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { PageHead } from '@/components/PageHead';
import { toast, toastError } from '@/components/toasts';
import { useStored } from '@/components/useStored';
import { addressInStore, addressOfApp, type InstalledApp, pageOfApp, useInstalled, useLatestJob } from '@/domain/apps';
import { t } from '@/i18n';
import { isGoing } from '../../apps/parts/JobProgress';
import { Prose } from '../Prose';
import store from '../StoreApp.module.css';
import { StackIcon } from './StackIcon';
import { addressOfStack, isThere, type Stack, type StackLink, type StackMember, wanted } from './stacks';
import classes from './Stacks.module.css';

const InstallStack = lazy(() => import('./InstallStack'));
const Confirm = lazy(() => import('@/components/Confirm').then((module) => ({ default: module.Confirm })));

/** One stack: its apps, and what makes them work together. `#install` asks how to install it. */
export default function StackPage() {
  const { id = '' } = useParams({ strict: false });
  const stack = useQuery({
    queryKey: ['apps', 'stacks', id],
    queryFn: () => unwrap(api.GET('/api/stacks/{id}', { params: { path: { id } } })),
  });
  if (stack.data !== undefined) return <Found key={id} stack={stack.data} />;
  const { error } = stack;
  if (error instanceof ApiError && (error.status === 404 || error.status === 400)) return <Missing />;
  if (error !== null) return <ErrorNotice what={t('stacks.failed')} error={error} onRetry={() => void stack.refetch()} />;
  return (
    <div role="status" aria-label={t('app.loading')}>
      <Skeleton height={120} radius={18} mb={24} />
      <Skeleton height={320} radius={14} />
    </div>
  );
}

function Missing() {
  return (
    <>
      <PageHead title={t('stacks.missing')} hidden />
      <EmptyState
        icon={<IconPackageOff size={26} stroke={1.75} />}
        title={t('stacks.missing')}
        text={t('stacks.missingText')}
        action={<Button renderRoot={(props) => <Link to="/store/-/stacks" {...props} />}>{t('stacks.toStacks')}</Button>}
      />
    </>
  );
}

function Found({ stack }: { stack: Stack }) {
  const mayInstall = useMay('apps:write');
  const navigate = useNavigate();
  const { hash } = useLocation();
  const installed = useInstalled().data ?? [];
  const latest = useLatestJob(`stack:${stack.id}`);
  const going = latest !== null && isGoing(latest) ? latest : null;
  const show = (part: string) =>
    void navigate({ to: addressOfStack(stack.id), hash: part, replace: part === '', resetScroll: false });
  const { installed: there } = stack;
  const left = wanted(stack).length;
  return (
    <>
      <PageHead title={stack.name} hidden />
      <BackLink to="/store/-/stacks">{t('stacks.title')}</BackLink>
      <header className={store.head}>
        <StackIcon icon={stack.icon} seed={stack.id} size={88} />
        <div className={store.headWords}>
          <h1>
            <bdi>{stack.name}</bdi>
          </h1>
          <p>{stack.tagline}</p>
          <span className={`${store.meta} num`}>{t('stacks.there', { done: there, total: stack.total })}</span>
        </div>
        <div className={store.actions}>
          {going !== null ? (
            <span className={store.going} role="status">
              <IconLoader2 size={18} stroke={1.75} aria-hidden />
              {t('stacks.busy')}
              <Button variant="default" onClick={() => show('install')}>
                {t('stacks.follow')}
              </Button>
            </span>
          ) : (
            mayInstall &&
            left > 0 && (
              <Button size="md" leftSection={<IconDownload size={18} stroke={1.75} />} onClick={() => show('install')}>
                {t('stacks.install', { count: left })}
              </Button>
            )
          )}
        </div>
      </header>
      <div className={store.main}>
        {stack.description !== '' && (
          <Part title={t('stacks.about')}>
            <Prose text={stack.description} />
          </Part>
        )}
        <Part title={t('stacks.members')}>
          <ul className={classes.list}>
            {stack.members.map((member) => (
              <Member key={member.appId} member={member} installed={installed} />
            ))}
          </ul>
        </Part>
        {stack.wiring.length > 0 && <Wiring stack={stack} installed={installed} />}
      </div>
      {mayInstall && there > 0 && going === null && <Uninstall stack={stack} />}
      <Suspense>
        {mayInstall && hash === 'install' && <InstallStack stack={stack} going={going} onClose={() => show('')} />}
      </Suspense>
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={store.part}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

interface MemberProps {
  member: StackMember;
  installed: InstalledApp[];
}

function Member({ member, installed }: MemberProps) {
  const own = installed.find(({ id }) => id === member.installed);
  const page = own && pageOfApp(own);
  const { name } = member;
  return (
    <li className={classes.member}>
      <AppPicture name={name} seed={member.appId} src={member.app?.icon ?? null} size={44} />
      <div className={classes.memberWords}>
        {member.app === null ? <strong>{name}</strong> : <Link to={addressInStore(member.app.id)}>{name}</Link>}
        <p>{member.why}</p>
        {member.problem !== null && !own && <p data-tone="warn">{member.problem}</p>}
      </div>
      {own !== undefined && (
        <>
          <span className={classes.state} data-tone="ok">
            <IconCheck size={14} stroke={2.4} aria-hidden />
            {t('store.installed')}
          </span>
          {page && <OpenApp name={name} page={page} />}
        </>
      )}
    </li>
  );
}

function OpenApp({ name, page }: { name: string; page: string }) {
  return (
    <Button
      variant="default"
      size="sm"
      rightSection={<IconArrowUpRight size={16} stroke={1.75} aria-hidden />}
      component="a"
      href={page}
      target="_blank"
      rel="noopener noreferrer"
    >
      {t('stacks.open', { name })}
    </Button>
  );
}

interface WiringProps {
  stack: Stack;
  installed: InstalledApp[];
}

/** What Talome sets, and a list of the steps that are left to a person; this browser remembers which are done. */
function Wiring({ stack, installed }: WiringProps) {
  const [done, change] = useStored<{ steps: string[] }>(`stack.${stack.id}`, { steps: [] });
  const set = stack.wiring.filter(({ byItself }) => byItself);
  const steps = stack.wiring.filter(({ byItself }) => !byItself);
  const keyOf = ({ appId, to, what }: StackLink) => `${appId} ${to} ${what}`;
  const tick = (key: string, on: boolean) => change({ steps: on ? [...done.steps, key] : done.steps.filter((each) => each !== key) });
  return (
    <Part title={t('stacks.together')}>
      {set.length > 0 && (
        <ul className={classes.list}>
          {set.map((link) => (
            <li key={keyOf(link)} className={classes.step}>
              <IconWand size={20} stroke={1.75} aria-hidden />
              <div className={classes.stepMain}>
                <p>{link.what}</p>
                <small data-tone={link.done ? 'ok' : undefined}>
                  {link.done && <IconCheck size={14} stroke={2.4} aria-hidden />}
                  {t(link.done === null ? 'stacks.byItself' : link.done ? 'stacks.isSet' : 'stacks.isNotSet')}
                </small>
              </div>
              {link.done === false && <Links stack={stack} link={link} installed={installed} toSettings />}
            </li>
          ))}
        </ul>
      )}
      {steps.length > 0 && (
        <>
          <h3>{t('stacks.forYou')}</h3>
          <ul className={classes.list}>
            {steps.map((link) => (
              <li key={keyOf(link)} className={classes.step}>
                <Checkbox
                  className={classes.stepMain}
                  size="md"
                  label={`${appName(stack, link.appId)}: ${link.what}`}
                  checked={done.steps.includes(keyOf(link))}
                  onChange={(event) => tick(keyOf(link), event.currentTarget.checked)}
                />
                <Links stack={stack} link={link} installed={installed} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Part>
  );
}

const appName = (stack: Stack, id: string): string =>
  stack.members.find(({ appId }) => appId === id)?.name ?? id;

/** To the two apps that a step is about, as far as they are installed. */
function Links({ stack, link, installed, toSettings = false }: WiringProps & { link: StackLink; toSettings?: boolean }) {
  const own = (id: string) => {
    const name = stack.members.find(({ appId }) => appId === id)?.installed;
    return installed.find((app) => app.id === name);
  };
  const first = own(link.appId);
  if (toSettings) {
    return first === undefined ? null : (
      <Button variant="default" size="sm" renderRoot={(props) => <Link to={addressOfApp(first.id)} {...props} />}>
        {t('stacks.manage', { name: first.name })}
      </Button>
    );
  }
  const pages = [first, own(link.to)].flatMap((app) => {
    const page = app && pageOfApp(app);
    return app && page ? [{ name: app.name, page }] : [];
  });
  if (pages.length === 0) return null;
  return (
    <div className={classes.stepLinks}>
      {pages.map(({ name, page }) => (
        <OpenApp key={name} name={name} page={page} />
      ))}
    </div>
  );
}

/** Each app by a job of its own; the last one first. */
function Uninstall({ stack }: { stack: Stack }) {
  const [asking, setAsking] = useState(false);
  const there = stack.members.filter(isThere).reverse();
  const begin = async () => {
    setAsking(false);
    let begun = 0;
    for (const member of there) {
      try {
        await unwrap(api.DELETE('/api/apps/{id}', { params: { path: { id: member.installed ?? '' } } }));
        begun += 1;
      } catch (error) {
        toastError(t('stacks.uninstallFailed', { name: member.name }), error);
      }
    }
    if (begun > 0) toast({ tone: 'ok', title: t('stacks.uninstalling', { count: begun }) });
  };
  return (
    <div className={classes.last}>
      <Button variant="subtle" color="red" onClick={() => setAsking(true)}>
        {t('stacks.uninstall')}
      </Button>
      <Suspense>
        {asking && (
          <Confirm
            title={t('stacks.uninstallTitle', { name: stack.name })}
            names={there.map(({ name }) => name)}
            confirmLabel={t('stacks.uninstall')}
            dangerous
            onConfirm={() => void begin()}
            onClose={() => setAsking(false)}
          >
            {t('stacks.uninstallText')}
          </Confirm>
        )}
      </Suspense>
    </div>
  );
}
