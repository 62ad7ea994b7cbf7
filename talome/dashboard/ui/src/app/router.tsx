import { Button } from '@mantine/core';
import { IconCompassOff } from '@tabler/icons-react';
import {
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  lazyRouteComponent,
  Link,
} from '@tanstack/react-router';
import type { User } from '@/api/types';
import { EmptyState } from '@/components/EmptyState';
import { ErrorNotice } from '@/components/ErrorNotice';
import { PageHead } from '@/components/PageHead';
import { t } from '@/i18n';
import { pagesFor } from './pages';
import { Shell } from './Shell';

function PageFailed({ error, reset }: ErrorComponentProps) {
  return <ErrorNotice error={error} what={t('error.page')} onRetry={reset} />;
}

function PageMissing() {
  return (
    <>
      <PageHead title={t('error.notFound')} hidden />
      <EmptyState
        icon={<IconCompassOff size={26} stroke={1.75} />}
        title={t('error.notFound')}
        text={t('error.notFoundDo')}
        action={<Button renderRoot={(props) => <Link to="/" {...props} />}>{t('action.home')}</Button>}
      />
    </>
  );
}

/** The addresses of the pages this person may use; any other address is "no such page". */
export function createAppRouter(user: User) {
  const root = createRootRoute({ component: Shell, notFoundComponent: PageMissing });
  const routes = pagesFor(user)
    .flatMap((page) => [{ path: page.path, load: page.load }, ...(page.children ?? [])])
    .map(({ path, load }) =>
      createRoute({
        getParentRoute: () => root,
        path,
        component: lazyRouteComponent(load),
        errorComponent: PageFailed,
      }),
    );
  return createRouter({
    routeTree: root.addChildren(routes),
    defaultPreload: 'intent',
    defaultErrorComponent: PageFailed,
    defaultNotFoundComponent: PageMissing,
    scrollRestoration: true,
    defaultPendingMinMs: 0,
  });
}
