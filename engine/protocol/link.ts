/**
 * The link between two processes: calls that are always answered, and news. It knows no transport: a port is anything
 * that carries plain data. When the port closes, every call that waits is refused.
 */

import type { PlainFailure } from './app-state.ts';
import { type Answers, type Asks, type Calls, checkArgument, type Settled } from './calls.ts';

export interface Port {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
}

type Message =
  | { readonly kind: 'call'; readonly number: number; readonly name: string; readonly argument: unknown }
  | { readonly kind: 'answer'; readonly number: number; readonly settled: Settled }
  | { readonly kind: 'news'; readonly news: unknown };

/** What a call fails with: the other side's failure as plain data. */
export class CallRefused extends Error {
  readonly failure: PlainFailure;

  constructor(failure: PlainFailure) {
    super(failure.code);
    this.name = 'CallRefused';
    this.failure = failure;
  }
}

export const gone: PlainFailure = { code: 'unavailable', detail: {} };

/** The asking end. */
export function ask<Treaty extends Calls>(
  treaty: Treaty,
  port: Port,
  onNews: (news: unknown) => void = () => {},
): Asks<Treaty> {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  let isClosed = false;
  let calls = 0;
  port.onMessage((data) => {
    const message = data as Message;
    if (message.kind === 'news') return onNews(message.news);
    if (message.kind !== 'answer') return;
    const call = waiting.get(message.number);
    waiting.delete(message.number);
    if (message.settled.ok) call?.resolve(message.settled.value);
    else call?.reject(new CallRefused(message.settled.failure));
  });
  port.onClose(() => {
    isClosed = true;
    for (const { reject } of waiting.values()) reject(new CallRefused(gone));
    waiting.clear();
  });
  const asker = (name: string) => (argument: unknown) =>
    new Promise((resolve, reject) => {
      if (isClosed) return reject(new CallRefused(gone));
      const number = ++calls;
      waiting.set(number, { resolve, reject });
      port.post({ kind: 'call', number, name, argument } satisfies Message);
    });
  return Object.fromEntries(Object.keys(treaty).map((name) => [name, asker(name)])) as Asks<Treaty>;
}

/** The answering end; `tell` sends news. `toFailure` makes plain data of what an answer threw. */
export function answer<Treaty extends Calls>(
  treaty: Treaty,
  port: Port,
  answers: Answers<Treaty>,
  toFailure: (error: unknown) => PlainFailure,
): { tell(news: unknown): void } {
  const settle = async (name: string, argument: unknown): Promise<Settled> => {
    const refused = (why: string): Settled => ({
      ok: false,
      failure: { code: 'usage', detail: { why, call: name.slice(0, 40) } },
    });
    if (!Object.hasOwn(treaty, name)) return refused('unknown-call');
    const checked = checkArgument(treaty, name, argument);
    if (!checked.ok) return refused('bad-argument');
    try {
      return { ok: true, value: await answers[name as keyof Treaty](checked.value as never) };
    } catch (error) {
      return { ok: false, failure: toFailure(error) };
    }
  };
  port.onMessage((data) => {
    const message = data as Message;
    if (message?.kind !== 'call') return;
    void settle(String(message.name), message.argument).then((settled) =>
      port.post({ kind: 'answer', number: message.number, settled } satisfies Message),
    );
  });
  return { tell: (news) => port.post({ kind: 'news', news } satisfies Message) };
}
