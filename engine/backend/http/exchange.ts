/**
 * One request and its answer over Node's HTTP client, from the first byte sent to the last one received. However it
 * ends, it ends once, and leaves no connection behind that is in the middle of something.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Failure } from '../../base/failure.ts';
import { limits } from '../../base/limits.ts';
import { type CallSignal, type Direction, stopIfAborted } from '../call-signal.ts';
import { fromTransportError, notTheStore, unreachable } from './http-failures.ts';
import { bytesIn, contentLength, type HttpAnswer, type HttpRequest, piecesOf } from './http-request.ts';

export class Exchange {
  readonly #asked: HttpRequest;
  readonly #closed: AbortSignal;
  readonly #host: string;
  #request: ClientRequest | undefined;
  #answer: Promise<HttpAnswer> | undefined;

  /** `closed` ends it as the caller's own signal does. */
  constructor(asked: HttpRequest, closed: AbortSignal) {
    this.#asked = asked;
    this.#closed = closed;
    this.#host = asked.url.host;
  }

  async run(start: (headers: Record<string, string>) => ClientRequest): Promise<HttpAnswer> {
    const { signal, parts, headers } = this.#asked;
    stopIfAborted(signal);
    stopIfAborted(this.#closed);
    const length = parts === undefined ? {} : { 'Content-Length': String(bytesIn(parts)) };
    const request = start({ ...headers, ...length });
    this.#request = request;
    const cancel = (): void => void request.destroy(new Failure('cancelled'));
    const ends: (CallSignal | undefined)[] = [signal, this.#closed];
    for (const end of ends) end?.addEventListener('abort', cancel, { once: true });
    try {
      return await this.#settle(request);
    } catch (error) {
      request.destroy();
      if (signal?.aborted || this.#closed.aborted) throw new Failure('cancelled');
      throw fromTransportError(error, this.#host);
    } finally {
      for (const end of ends) end?.removeEventListener('abort', cancel);
    }
  }

  #settle(request: ClientRequest): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      request.once('response', (message) => {
        this.#answer = this.#receive(message);
        this.#answer.then(resolve, reject);
      });
      // A server that refuses before it has all of the body closes the connection: then its answer is what counts.
      request.on('error', (error) => {
        if (this.#answer === undefined || error instanceof Failure) reject(error);
      });
      request.once('close', () => {
        if (this.#answer === undefined) reject(unreachable(this.#host, 'ECONNRESET'));
      });
      this.#send(request).catch(reject);
    });
  }

  async #send(request: ClientRequest): Promise<void> {
    for (const piece of piecesOf(this.#asked.parts ?? [], limits.httpPieceBytes)) {
      // The answer came early: what is left of the body would be sent for nothing.
      if (this.#answer !== undefined || request.destroyed) return;
      await written(request, piece);
      await this.#moved(piece.length, 'up');
    }
    request.end();
  }

  async #receive(message: IncomingMessage): Promise<HttpAnswer> {
    const status = message.statusCode ?? 0;
    const { method, answerBytesMax } = this.#asked;
    const isRefusal = status < 200 || status >= 300;
    const announced = method === 'HEAD' ? 0 : contentLength(message);
    if (!isRefusal && announced !== undefined && announced > answerBytesMax) throw this.#tooLong(status);
    const body = isRefusal
      ? await this.#beginningOf(message)
      : await this.#wholeOf(message, status, announced);
    if (!this.#request?.writableFinished) this.#request?.destroy();
    return { status, headers: message.headers, body };
  }

  async #wholeOf(message: IncomingMessage, status: number, announced: number | undefined): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of message as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      await this.#moved(chunk.length, 'down');
      if (length > this.#asked.answerBytesMax) throw this.#tooLong(status);
    }
    // Without either, nobody can tell an end from a connection that broke.
    const hasEnd =
      announced !== undefined || message.headers['transfer-encoding'] !== undefined || status === 204;
    if (!hasEnd || !message.complete || (announced ?? length) !== length)
      throw unreachable(this.#host, 'ECONNRESET');
    return Buffer.concat(chunks);
  }

  /** What a refusal says is of little use, and its status is said already, if the connection ends here. */
  async #beginningOf(message: IncomingMessage): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let length = 0;
    try {
      for await (const chunk of message as AsyncIterable<Buffer>) {
        chunks.push(chunk);
        length += chunk.length;
        await this.#moved(chunk.length, 'down');
        if (length >= limits.refusalBytesMax) break;
      }
    } catch (error) {
      if (this.#asked.signal?.aborted) throw error;
    }
    return Buffer.concat(chunks).subarray(0, limits.refusalBytesMax);
  }

  #tooLong(status: number): Failure {
    return notTheStore(this.#host, 'its answer is too long', { status });
  }

  async #moved(bytes: number, direction: Direction): Promise<void> {
    await this.#asked.signal?.onProgress?.(bytes, direction);
  }
}

/** Resolves when the system has taken it. */
function written(request: ClientRequest, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    request.write(piece, (error) => (error ? reject(error) : resolve()));
  });
}
