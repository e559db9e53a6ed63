/**
 * One request and its answer on a connection of HTTP/2, as an end for its caller and an end for rclone. Reading is cut off.
 * An upload that is given up is ended early instead, and its answer is awaited behind the caller's back: only then has
 * rclone cleared away what it had begun, which it would otherwise do to a later file of the same name.
 */
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { Failure, isFailure } from '../../base/failure.ts';
import { limits } from '../../base/limits.ts';
import { stopIfAborted } from '../call-signal.ts';
import { fromTransportError, notTheStore, unreachable } from '../http/http-failures.ts';
import { bytesIn, contentLength, type HttpAnswer, type HttpRequest, piecesOf } from '../http/http-request.ts';

export interface Exchange {
  /** As of `Carrier.ask`: `cancelled` as soon as the signal says so. */
  readonly answer: Promise<HttpAnswer>;
  /** Resolves when rclone is done with it as well. */
  readonly over: Promise<void>;
}

/** RFC 9113, 7. */
const cancelCode = 8;

export function changesSomething({ method }: Pick<HttpRequest, 'method'>): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/** Fails at once with `cancelled` or `store-unreachable` where it cannot begin. */
export function exchange(session: ClientHttp2Session, asked: HttpRequest): Exchange {
  stopIfAborted(asked.signal);
  const stream = open(session, asked);
  const over = new Promise<void>((resolve) => stream.once('close', () => resolve()));
  return { answer: answerOf(stream, asked), over };
}

async function answerOf(stream: ClientHttp2Stream, asked: HttpRequest): Promise<HttpAnswer> {
  const { signal, url } = asked;
  const given = new Promise<never>((_, reject) => {
    const cancel = (): void => {
      reject(new Failure('cancelled'));
      if (!changesSomething(asked)) stream.close(cancelCode);
      else if (!stream.writableEnded) stream.end();
    };
    signal?.addEventListener('abort', cancel, { once: true });
    stream.once('close', () => signal?.removeEventListener('abort', cancel));
  });
  try {
    const received = receive(stream, asked);
    // Where it refuses early, the answer counts and not what could not be sent.
    void send(stream, asked).catch(() => undefined);
    return await Promise.race([received, given]);
  } catch (error) {
    if (signal?.aborted) throw new Failure('cancelled');
    throw isFailure(error) ? error : fromTransportError(error, url.host);
  }
}

function open(session: ClientHttp2Session, { method, url, headers, parts }: HttpRequest): ClientHttp2Stream {
  const length = parts === undefined ? {} : { 'content-length': String(bytesIn(parts)) };
  const lowered = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const all = {
    ...Object.fromEntries(lowered),
    ...length,
    ':method': method,
    ':path': `${url.pathname}${url.search}`,
  };
  if (session.closed || session.destroyed) throw unreachable(url.host, 'ECONNRESET');
  return session.request(all, { endStream: parts === undefined });
}

async function send(stream: ClientHttp2Stream, { parts, signal }: HttpRequest): Promise<void> {
  if (parts === undefined) return;
  for (const piece of piecesOf(parts, limits.httpPieceBytes)) {
    if (signal?.aborted || stream.destroyed || stream.writableEnded) return;
    await new Promise<void>((resolve, reject) => {
      stream.write(piece, (error) => (error ? reject(error) : resolve()));
    });
    await signal?.onProgress?.(piece.length, 'up');
  }
  if (!stream.writableEnded) stream.end();
}

/**
 * The answer is listened to from the first moment on: of a stream that is over before anybody listens, Node throws
 * away what came.
 */
function receive(stream: ClientHttp2Stream, asked: HttpRequest): Promise<HttpAnswer> {
  const taking = new Taking(asked);
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      reject(error);
      stream.destroy();
    };
    stream.once('response', (headers) => {
      const failure = taking.begin(headers);
      if (failure !== undefined) fail(failure);
    });
    stream.on('data', (chunk: Buffer) => {
      const failure = taking.take(chunk);
      if (failure !== undefined) return fail(failure);
      const slower = asked.signal?.onProgress?.(chunk.length, 'down');
      if (slower === undefined) return;
      stream.pause();
      void slower.finally(() => stream.resume());
    });
    stream.once('error', reject);
    stream.once('close', () => {
      const answer = taking.end(stream.rstCode);
      if (answer === undefined) reject(unreachable(asked.url.host, 'ECONNRESET'));
      else resolve(answer);
    });
  });
}

/** An answer as it comes in: never more of it than was allowed, and in the end whole or not at all. */
class Taking {
  readonly #asked: HttpRequest;
  readonly #chunks: Buffer[] = [];
  #headers: IncomingHttpHeaders | undefined;
  #length = 0;

  constructor(asked: HttpRequest) {
    this.#asked = asked;
  }

  begin(headers: IncomingHttpHeaders): Failure | undefined {
    this.#headers = headers;
    const isTooLong = !this.#isRefusal && (this.#announced ?? 0) > this.#asked.answerBytesMax;
    return isTooLong ? this.#tooLong() : undefined;
  }

  take(chunk: Buffer): Failure | undefined {
    this.#length += chunk.length;
    if (!this.#isRefusal && this.#length > this.#asked.answerBytesMax) return this.#tooLong();
    if (!this.#isRefusal || this.#length <= limits.refusalBytesMax) this.#chunks.push(chunk);
    return undefined;
  }

  end(rstCode: number): HttpAnswer | undefined {
    if (this.#headers === undefined) return undefined;
    const isWhole = rstCode === 0 && (this.#announced ?? this.#length) === this.#length;
    if (!isWhole && !this.#isRefusal) return undefined;
    return { status: this.#status, headers: this.#headers, body: Buffer.concat(this.#chunks) };
  }

  get #status(): number {
    return Number(this.#headers?.[':status']);
  }

  get #isRefusal(): boolean {
    return this.#status < 200 || this.#status >= 300;
  }

  get #announced(): number | undefined {
    return this.#asked.method === 'HEAD' ? 0 : contentLength({ headers: this.#headers ?? {} });
  }

  #tooLong(): Failure {
    return notTheStore(this.#asked.url.host, 'its answer is too long', { status: this.#status });
  }
}
