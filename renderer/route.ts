/**
 * Which page is shown: the part of the address after `#/`. The tray opens a page by loading the window with it, and the
 * browser's Back works.
 */
import { useSyncExternalStore } from 'react';

export const pages = ['overview', 'restore', 'vaults', 'activity', 'settings'] as const;
export type PageName = (typeof pages)[number];

export type Route =
  | { readonly page: PageName; readonly id?: string }
  /** The editor of a backup set; a new one without an id. */
  | { readonly page: 'set'; readonly id?: string }
  | { readonly page: 'welcome'; readonly id?: string };

/** Anything unknown is the overview. */
export function parseRoute(hash: string): Route {
  const [page = '', id] = hash.replace(/^#\/?/, '').split('/');
  const names: readonly string[] = [...pages, 'set', 'welcome'];
  if (!names.includes(page)) return { page: 'overview' };
  return id === undefined || id === '' ? { page: page as PageName } : { page: page as PageName, id };
}

export function linkTo(page: Route['page'], id?: string): string {
  return id === undefined ? `#/${page}` : `#/${page}/${id}`;
}

export function goTo(page: Route['page'], id?: string): void {
  window.location.hash = linkTo(page, id);
}

const listen = (changed: () => void): (() => void) => {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
};

export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(listen, () => window.location.hash));
}
