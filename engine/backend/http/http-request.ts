/**
 * A request and its answer, whatever carries them: sockets (`http-client.ts`), or a child's pipes with HTTP/2. What
 * speaks a protocol over HTTP needs a `Carrier` only.
 */
import type { CallSignal } from '../call-signal.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body, sent one part after the other, never joined. Without it there is none. */
  readonly parts?: readonly Uint8Array[];
  /** A longer answer is refused with `not-the-store`, before it is read. */
  readonly answerBytesMax: number;
  readonly signal?: CallSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /**
   * Whole: as long as `Content-Length` said. Of an answer that refuses (300 and above), the beginning only; it is
   * text of a stranger.
   */
  readonly body: Buffer;
}

export interface Carrier {
  /**
   * Any status is an answer; redirects are not followed. Fails with `store-unreachable` where no whole answer came,
   * `not-the-store` where it was too long or from somebody else, and `cancelled`.
   */
  ask(request: HttpRequest): Promise<HttpAnswer>;
  /**
   * Has connections open for so many uploads before there are any, by as many questions like this one: across an ocean,
   * to connect takes its time. Never fails: what is wrong is met by whoever uploads.
   */
  makeReady?(request: HttpRequest, uploads: number): Promise<void>;
  /** Drops connections that wait for work: after a sleep, or on another network, they lead nowhere. */
  dropIdle?(): void;
  close(): Promise<void>;
}

/** One value of a header; of one that came more than once, the first. */
export function header(answer: Pick<HttpAnswer, 'headers'>, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** What `Content-Length` says, if it says a number that can be. */
export function contentLength(answer: Pick<HttpAnswer, 'headers'>): number | undefined {
  const text = header(answer, 'content-length');
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

export function bytesIn(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

/** Pieces of at most `bytesMax`, copying nothing: small enough that progress is seen on a slow link. */
export function* piecesOf(parts: readonly Uint8Array[], bytesMax: number): Generator<Uint8Array> {
  for (const part of parts) {
    for (let at = 0; at < part.length; at += bytesMax) yield part.subarray(at, at + bytesMax);
  }
}
