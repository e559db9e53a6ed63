/**
 * Electron's windows as pages of a real Chromium. Chromium itself knows no `app://`, so a page's address is `https://`
 * with a host that exists nowhere, served by the handler that main registered, and is `app://` again for main.
 */
import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';
import type { BrowserContext, Page, Route } from 'playwright-core';
import { deliverName, invokeName, pageScript } from './page-side.ts';

type Invoke = (event: unknown, ...args: unknown[]) => unknown;
type BeforeRequest = (
  details: { url: string },
  decide: (response: Electron.CallbackResponse) => void,
) => void;

/** What main registered, for all windows. */
export interface WindowWorld {
  readonly context: BrowserContext;
  readonly handles: Map<string, Invoke>;
  serve: ((request: Request) => Response | Promise<Response>) | undefined;
  beforeRequest: BeforeRequest | undefined;
  readonly windows: StandInWindow[];
  /** What a page asked for and did not get. */
  readonly refused: string[];
}

const pageHost = '.slackwater.invalid';

/** `app://name/x` <-> `https://name.slackwater.invalid/x` */
export function toPageUrl(url: string): string {
  return url.replace(/^app:\/\/([^/?#]*)/, `https://$1${pageHost}`);
}

export function toAppUrl(url: string): string {
  return url.replace(/^https:\/\/([^/?#]*)\.slackwater\.invalid(?=[/?#]|$)/, 'app://$1');
}

class StandInContents extends EventEmitter {
  static count = 0;
  readonly id = ++StandInContents.count;
  openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });
  readonly page: Promise<Page>;

  constructor(page: Promise<Page>) {
    super();
    this.page = page;
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler;
  }

  send(channel: string, ...args: unknown[]): void {
    void this.page
      .then((page) =>
        page.evaluate(
          ([name, to, values]) =>
            (globalThis as unknown as Record<string, (to: string, args: unknown[]) => void>)[name]?.(
              to,
              values,
            ),
          [deliverName, channel, args] as const,
        ),
      )
      // The page went away, or is on its way to another one: as with Electron, nobody hears it then.
      .catch(() => undefined);
  }
}

export class StandInWindow extends EventEmitter {
  readonly webContents: StandInContents;
  readonly options: Electron.BrowserWindowConstructorOptions;
  readonly page: Promise<Page>;
  readonly #world: WindowWorld;
  #isVisible = false;
  #isDestroyed = false;
  #loading = '';

  constructor(world: WindowWorld, options: Electron.BrowserWindowConstructorOptions) {
    super();
    this.#world = world;
    this.options = options;
    this.page = this.#openPage();
    this.webContents = new StandInContents(this.page);
    world.windows.push(this);
  }

  async #openPage(): Promise<Page> {
    const page = await this.#world.context.newPage();
    await page.exposeBinding(invokeName, ({ frame }, channel: string, args: unknown[]) => {
      const handle = this.#world.handles.get(channel);
      if (handle === undefined) throw new Error(`no handler registered for '${channel}'`);
      const senderFrame = { url: toAppUrl(frame.url()), parent: frame.parentFrame() };
      return handle({ sender: this.webContents, senderFrame }, ...args);
    });
    const { preload } = this.options.webPreferences ?? {};
    if (preload !== undefined) await page.addInitScript({ content: await pageScript(preload) });
    await page.route('**/*', (route) => this.#answer(route));
    page.on('load', () => this.webContents.emit('did-finish-load'));
    page.on('crash', () => this.webContents.emit('render-process-gone', {}, { reason: 'crashed' }));
    page.on('popup', (popup) => {
      if (this.webContents.openHandler({ url: toAppUrl(popup.url()) }).action !== 'deny') return;
      this.#world.refused.push('window.open');
      void popup.close();
    });
    return page;
  }

  async #answer(route: Route): Promise<void> {
    const request = route.request();
    const url = toAppUrl(request.url());
    const isMainPage = request.isNavigationRequest() && request.frame().parentFrame() === null;
    if (isMainPage && url !== this.#loading && this.#isPrevented('will-navigate', url))
      return this.#refuse(route, url);
    if (this.#isCancelled(url) || !url.startsWith('app:')) return this.#refuse(route, url);
    const answer = await this.#world.serve?.(new Request(url, { method: request.method() }));
    if (answer === undefined) return this.#refuse(route, url);
    await route.fulfill({
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: Buffer.from(await answer.arrayBuffer()),
    });
  }

  #isPrevented(event: string, url: string): boolean {
    let isPrevented = false;
    this.webContents.emit(event, { url, preventDefault: () => (isPrevented = true) }, url);
    return isPrevented;
  }

  #isCancelled(url: string): boolean {
    let isCancelled = false;
    this.#world.beforeRequest?.({ url }, ({ cancel }) => {
      isCancelled = cancel === true;
    });
    return isCancelled;
  }

  async #refuse(route: Route, url: string): Promise<void> {
    this.#world.refused.push(url);
    // A page whose navigation is aborted stays where it is.
    await route.abort(route.request().isNavigationRequest() ? 'aborted' : 'blockedbyclient');
  }

  async loadURL(url: string): Promise<void> {
    this.#loading = url.replace(/#.*/, '');
    await (await this.page).goto(toPageUrl(url));
  }

  show(): void {
    this.#isVisible = true;
  }

  hide(): void {
    this.#isVisible = false;
  }

  focus(): void {}
  restore(): void {}
  isMinimized(): boolean {
    return false;
  }

  isVisible(): boolean {
    return this.#isVisible;
  }

  isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.#isVisible = false;
    void this.page.then((page) => page.close()).catch(() => undefined);
    this.emit('closed');
  }

  /** A person closes it. */
  close(): void {
    let isPrevented = false;
    this.emit('close', { preventDefault: () => (isPrevented = true) });
    if (!isPrevented) this.destroy();
  }
}
