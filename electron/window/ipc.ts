/**
 * The one door from the windows to the app. Who asks is checked first (a window of ours, its main frame, our own
 * origin), then what is asked, by the call's schema; everything else is dropped and written to the log. Used by
 * `main.ts`; nothing else listens to `ipcMain`.
 */
import type * as Electron from 'electron';
import { appCalls } from '../../engine/protocol/app-calls.ts';
import type { PlainFailure } from '../../engine/protocol/app-state.ts';
import { type AnswerOf, type Answers, checkArgument, type Settled } from '../../engine/protocol/calls.ts';
import { origin } from './bundle.ts';
import { callChannel } from './channels.ts';

export interface CallSender {
  readonly sender: { readonly id: number };
  /** Null after it went to another page. */
  readonly senderFrame: Pick<Electron.WebFrameMain, 'url' | 'parent'> | null;
}

export interface CallDoor {
  isOurWindow(webContentsId: number): boolean;
  readonly answers: Answers<typeof appCalls>;
  /** What the window is told where an answer failed. */
  toFailure(error: unknown): PlainFailure;
  /** A dropped call, for the log: what was wrong, never what was given. */
  onRefused(what: string): void;
}

export type IpcMain = Pick<Electron.IpcMain, 'handle'>;

const nameCharsMax = 40;

export function answerWindows(ipcMain: IpcMain, door: CallDoor): void {
  ipcMain.handle(callChannel, (event, name: unknown, argument: unknown) =>
    answerCall(door, event as CallSender, name, argument),
  );
}

export async function answerCall(
  door: CallDoor,
  sender: CallSender,
  name: unknown,
  argument: unknown,
): Promise<Settled> {
  const refuse = (why: string): Settled => {
    // JSON, because a name from elsewhere may hold anything.
    door.onRefused(`${why}: ${JSON.stringify(String(name).slice(0, nameCharsMax))}`);
    return { ok: false, failure: { code: 'usage', detail: { why } } };
  };
  if (!isOurPage(door, sender)) return refuse('foreign-sender');
  if (typeof name !== 'string' || !Object.hasOwn(appCalls, name)) return refuse('unknown-call');
  const checked = checkArgument(appCalls, name, argument);
  if (!checked.ok) return refuse('bad-argument');
  try {
    const answer = door.answers[name as keyof typeof appCalls] as (
      argument: unknown,
    ) => Promise<AnswerOf<(typeof appCalls)[keyof typeof appCalls]>>;
    return { ok: true, value: await answer(checked.value) };
  } catch (error) {
    return { ok: false, failure: door.toFailure(error) };
  }
}

function isOurPage(door: CallDoor, { sender, senderFrame }: CallSender): boolean {
  if (senderFrame === null || senderFrame.parent !== null) return false;
  const isOurs = senderFrame.url === origin || senderFrame.url.startsWith(`${origin}/`);
  return isOurs && door.isOurWindow(sender.id);
}
