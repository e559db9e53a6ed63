/** The one file that touches Electron's notifications: shows what `notice.ts` chose. Used by `main.ts`. */
import type * as Electron from 'electron';
import type { AppState, VerdictKind } from '../../engine/protocol/app-state.ts';
import { chooseNotice } from './notice.ts';

type NotificationObject = Pick<Electron.Notification, 'show' | 'close' | 'on'>;

/** What it needs of Electron. */
export interface NotifyElectron {
  readonly Notification: {
    new (options: Electron.NotificationConstructorOptions): NotificationObject;
    isSupported(): boolean;
  };
}

/** The answer is told every state; `open` is called when a person clicks on a notice. */
export function createNotify(
  electron: NotifyElectron,
  title: string,
  open: () => void,
): (state: AppState) => void {
  let before: VerdictKind | undefined;
  // Held, because a notice that is collected forgets its click; and only the newest is true.
  let shown: NotificationObject | undefined;
  return (state) => {
    const notice = chooseNotice(before, state);
    before = state.verdict.kind;
    if (notice === undefined || !electron.Notification.isSupported()) return;
    shown?.close();
    shown = new electron.Notification({ title, body: notice.body, silent: notice.kind === 'protected' });
    shown.on('click', open);
    shown.show();
  };
}
