import { Outlet, useLocation } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useStored } from '@/components/useStored';
import { t } from '@/i18n';
import { useBegun } from '@/uploads/begun';
import { ConnectionBanner } from './ConnectionBanner';
import { OfflineNotice, useAway } from './OfflineNotice';
import { BottomBar } from './BottomBar';
import { Rail } from './Rail';
import { useUser } from './session';
import classes from './Shell.module.css';
import { TopBar } from './TopBar';
import { UpdateBanner } from './UpdateBanner';
import { useWide } from './useWide';

const loadPalette = () => import('./Palette');
const Palette = lazy(loadPalette);
const Uploads = lazy(() => import('@/uploads/Tray'));
const PALETTE_AFTER_MS = 2_000;

/** The frame around every page: menu, top bar, banners, and the place where the page goes. */
export function Shell() {
  const wide = useWide();
  const away = useAway();
  const user = useUser();
  const uploading = useBegun(user.id);
  const [{ folded }, remember] = useStored('rail', { folded: false });
  const [searching, setSearching] = useState(false);
  const main = useRef<HTMLElement>(null);
  useSearchShortcut(() => setSearching(true));
  usePreparedSearch();
  useFocusOnNavigation(main);

  return (
    <div className={classes.shell} data-wide={wide || undefined} data-folded={folded || undefined}>
      <a className={classes.skip} href="#content">
        {t('app.skip')}
      </a>
      {wide && <Rail folded={folded} onFold={() => remember({ folded: !folded })} />}
      <div className={classes.column}>
        <TopBar wide={wide} onSearch={() => setSearching(true)} />
        {away === null && <ConnectionBanner />}
        <UpdateBanner />
        <main id="content" ref={main} className={classes.main} tabIndex={-1}>
          {away === null ? <Outlet /> : <OfflineNotice away={away} />}
        </main>
      </div>
      {!wide && <BottomBar />}
      {uploading && (
        <Suspense>
          <Uploads user={user.id} />
        </Suspense>
      )}
      {searching && (
        <Suspense>
          <Palette onClose={() => setSearching(false)} />
        </Suspense>
      )}
    </div>
  );
}

/** Fetched once the page has come to rest, so that what is typed right after the shortcut is not lost. */
function usePreparedSearch() {
  useEffect(() => {
    const timer = window.setTimeout(() => void loadPalette().catch(() => undefined), PALETTE_AFTER_MS);
    return () => window.clearTimeout(timer);
  }, []);
}

function useSearchShortcut(open: () => void) {
  const latest = useRef(open);
  latest.current = open;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      latest.current();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

/** A screen reader and the keyboard start at the new page's content, as they would after loading a page. */
function useFocusOnNavigation(main: React.RefObject<HTMLElement | null>) {
  const { pathname } = useLocation();
  const place = pathname.split('/').slice(0, 3).join('/');
  const previous = useRef(place);
  useEffect(() => {
    if (previous.current === place) return;
    previous.current = place;
    main.current?.focus({ preventScroll: true });
  }, [main, place]);
}
