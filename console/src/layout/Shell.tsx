import { Suspense, useEffect, useRef, useState } from 'react';
import { Link, Outlet, useLocation } from 'react-router';
import { IconButton } from '../ui/Button';
import { Mark } from '../ui/Icon';
import { Loading } from '../ui/Note';
import { ErrorBoundary } from './ErrorBoundary';
import { PaletteProvider } from './palette/PaletteProvider';
import { Sidebar } from './Sidebar';
import { useSearchKey } from './useSearchKey';

export function Shell() {
  const drawer = useDrawer();
  const { pathname } = useLocation();
  useSearchKey();
  useFocusOnNavigation();
  return (
    <PaletteProvider>
      <div className="shell">
        <a className="skip-link" href="#main" onClick={skip}>
          Skip to content
        </a>
        <aside className="sidebar">
          <Sidebar />
        </aside>
        <header className="topbar">
          <IconButton icon="menu" label="Menu" onClick={drawer.open} aria-expanded={drawer.isOpen} />
          <Link to="/" className="brand">
            <Mark size={22} /> Muster
          </Link>
        </header>
        {drawer.isOpen && <NavDrawer onClose={drawer.close} />}
        <main id="main" tabIndex={-1}>
          <ErrorBoundary place={pathname}>
            <Suspense fallback={<PageLoading />}>
              <Outlet />
            </Suspense>
          </ErrorBoundary>
        </main>
      </div>
    </PaletteProvider>
  );
}

function PageLoading() {
  return (
    <div className="page">
      <Loading rows={6} />
    </div>
  );
}

function skip(event: { preventDefault: () => void }) {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

/** The sidebar of narrow screens is open until a page is chosen. */
function useDrawer() {
  const [isOpen, setOpen] = useState(false);
  const { pathname } = useLocation();
  useEffect(() => setOpen(false), [pathname]);
  return { isOpen, open: () => setOpen(true), close: () => setOpen(false) };
}

function NavDrawer({ onClose }: { onClose: () => void }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const drawer = ref.current;
    drawer?.showModal();
    return () => drawer?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      className="nav-drawer"
      aria-label="Menu"
      onClose={() => !ref.current?.open && onClose()}
      onMouseDown={(event) => event.target === ref.current && onClose()}
    >
      <Sidebar onClose={onClose} />
    </dialog>
  );
}

/** Screen readers and the Tab key start at the new page, not where the old link was; tabs of one page do not count. */
function useFocusOnNavigation() {
  const { pathname } = useLocation();
  const page = pathname.split('/').slice(0, 3).join('/');
  const last = useRef(page);
  useEffect(() => {
    if (last.current === page) return;
    last.current = page;
    const main = document.getElementById('main');
    if (main && !main.contains(document.activeElement)) main.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [page]);
}
