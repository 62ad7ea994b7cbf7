import './texts';
import { QueryClient, QueryClientProvider, queryOptions, useQuery } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { createRoot } from 'react-dom/client';
import { api, unwrap } from '@/api/client';
import { ApiError } from '@/api/errors';
import type { User } from '@/api/types';
import { ErrorNotice } from '@/components/ErrorNotice';
import { Frame } from '@/components/Frame';
import { Toasts } from '@/components/Toasts';
import { live } from '@/live';
import { keepLastUser, lastUser } from './lastUser';
import { AwayContext } from './OfflineNotice';
import { createAppRouter } from './router';
import { startServiceWorker } from './serviceWorker';
import { SessionProvider } from './session';
import classes from './Shell.module.css';
import { lookNowAndThen } from './update';

const queries = new QueryClient({
  defaultOptions: {
    // Offline means without internet, and this server is in the same house: always ask.
    mutations: { networkMode: 'always' },
    queries: {
      networkMode: 'always',
      staleTime: 10_000,
      // A refusal stays a refusal; only a server that is away or broken is asked once more.
      retry: (count, error) => count < 1 && error instanceof ApiError && (error.unreachable || error.status >= 502),
      retryDelay: 800,
    },
  },
});

const ME = queryOptions({
  queryKey: ['me'],
  queryFn: () => unwrap(api.GET('/api/auth/me')),
  staleTime: Infinity,
});
const AGAIN_MS = 5_000;

const isAway = (error: Error | null): boolean => error instanceof ApiError && (error.unreachable || error.status >= 502);

function App() {
  const me = useQuery({
    ...ME,
    refetchInterval: ({ state }) => (isAway(state.error) ? AGAIN_MS : false),
  });
  const user = me.data;
  useEffect(() => {
    if (user !== undefined) keepLastUser(user);
  }, [user]);
  if (user !== undefined) return <SignedIn user={user} />;
  // A session that has ended shows the sign-in page; see api/client.ts.
  if (me.error === null || (me.error instanceof ApiError && me.error.status === 401)) return null;
  const last = isAway(me.error) ? lastUser() : null;
  if (last === null) {
    return (
      <main className={classes.alone}>
        <ErrorNotice error={me.error} onRetry={() => void me.refetch()} />
      </main>
    );
  }
  return (
    <AwayContext value={{ since: last.at, retry: () => me.refetch() }}>
      <SignedIn user={last.user} />
    </AwayContext>
  );
}

function SignedIn({ user }: { user: User }) {
  const router = useMemo(() => createAppRouter(user), [user]);
  useEffect(() => {
    // After the page itself, which is what somebody is waiting for.
    const timer = window.setTimeout(() => void startServiceWorker((path) => void router.navigate({ to: path })), 1_000);
    return () => window.clearTimeout(timer);
  }, [router]);
  return (
    <SessionProvider user={user}>
      <RouterProvider router={router} />
      <Toasts />
    </SessionProvider>
  );
}

/** Shows the dashboard to the person whose session cookie this browser holds. */
export async function startApp(element: HTMLElement): Promise<void> {
  live.start();
  lookNowAndThen();
  // Until it is known who this is there is nothing to draw, and the mark stays.
  await queries.prefetchQuery({ ...ME, retry: false });
  createRoot(element).render(
    <Frame>
      <QueryClientProvider client={queries}>
        <App />
      </QueryClientProvider>
    </Frame>,
  );
}
