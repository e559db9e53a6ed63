/**
 * A repository behind restic's REST protocol, version 1 or 2, over whatever carries HTTP: sockets to a REST server, or
 * the pipes of `rclone serve restic`. A file counts as saved only once the store shows it by its name; what its writer
 * reads back whole is not asked for twice.
 */
import { damaged, Failure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import {
  type Backend,
  type BackendWorld,
  type ByteRange,
  configFile,
  type FileName,
  type FileType,
  folderOf,
  type StoredFile,
} from './backend.ts';
import { type CallSignal, stopIfAborted } from './call-signal.ts';
import { HttpClient } from './http/http-client.ts';
import { checkTaken, fromStatus, notTheStore, unreachable } from './http/http-failures.ts';
import {
  bytesIn,
  type Carrier,
  contentLength,
  type HttpAnswer,
  type HttpRequest,
  header,
} from './http/http-request.ts';
import { proxiesFrom } from './http/proxy.ts';
import { trustFrom } from './http/trust.ts';
import { isStored } from './is-stored.ts';
import { parseListing, restV2 } from './rest-listing.ts';
import { parseRestLocation } from './rest-location.ts';
import { sizeUnlessGone } from './size-unless-gone.ts';

export function openRest(rest: string, { access }: BackendWorld): Backend {
  const { base, shown, login, socketPath } = parseRestLocation(rest, access);
  const client = new HttpClient(
    socketPath === undefined
      ? { trust: trustFrom(access), proxy: proxiesFrom(access) }
      : { socketPath, trust: {} },
  );
  if (login === undefined) return new RestBackend(shown, base, client);
  const basic = Buffer.from(`${login.user}:${login.password.reveal()}`).toString('base64');
  return new RestBackend(shown, base, client, { Authorization: `Basic ${basic}` });
}

/** Small files whose writer reads them back whole. */
const isReadBack: ReadonlySet<FileType> = new Set(['index', 'snapshot', 'lock']);

type Ask = Partial<HttpRequest> & Pick<HttpRequest, 'method'>;

export class RestBackend implements Backend {
  readonly connectionsMax = limits.restConnectionsMax;
  readonly asksForPacks = true;
  readonly location: string;
  readonly #base: URL;
  readonly #carrier: Carrier;
  readonly #headers: Readonly<Record<string, string>>;

  /** `base` ends with a slash. */
  constructor(location: string, base: URL, carrier: Carrier, headers: Readonly<Record<string, string>> = {}) {
    this.location = location;
    this.#base = base;
    this.#carrier = carrier;
    this.#headers = { Accept: restV2, ...headers };
  }

  async create(signal?: CallSignal): Promise<void> {
    this.#accept(await this.#ask('?create=true', { method: 'POST', parts: [], signal }));
  }

  async save(file: FileName, parts: readonly Uint8Array[], signal?: CallSignal): Promise<void> {
    const headers = { 'Content-Type': 'application/octet-stream' };
    const answer = await this.#ask(pathOf(file), { method: 'POST', parts, headers, signal });
    if (answer.status === 403) {
      // It says so for a name that it has, too.
      if (await isStored(this, file, parts, signal)) return;
    } else if (answer.status === 400) {
      // Its hash is not its name: what came is not what was sent.
      throw unreachable(this.#base.host, 'EBADMSG');
    }
    this.#accept(answer);
    if (isReadBack.has(file.type)) return;
    signal?.onTaken?.();
    await this.#prove(file, bytesIn(parts), signal);
  }

  async load(file: FileName, range?: ByteRange, signal?: CallSignal): Promise<Uint8Array> {
    if (range === undefined) {
      const answer = await this.#ask(pathOf(file), {
        method: 'GET',
        signal,
        answerBytesMax: limits.storedFileBytesMax,
      });
      return this.#accept(answer, file).body;
    }
    if (range.length === 0) return await this.#loadNothing(file, range, signal);
    const headers = { Range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
    const ask: Ask = { method: 'GET', headers, signal, answerBytesMax: range.length };
    const answer = await this.#ask(pathOf(file), ask);
    if (answer.status === 416) throw tooShort(file, range);
    const { body, status } = this.#accept(answer, file);
    const from =
      /^bytes (\d+)-/.exec(header(answer, 'content-range') ?? '')?.[1] ?? (status === 206 ? undefined : '0');
    if (from !== undefined && Number(from) !== range.offset)
      throw notTheStore(this.#base.host, 'it gives another part of a file than we asked for');
    if (body.length < range.length) throw tooShort(file, range);
    return body;
  }

  async stat(file: FileName, signal?: CallSignal): Promise<number> {
    const answer = this.#accept(await this.#ask(pathOf(file), { method: 'HEAD', signal }), file);
    const sizeBytes = contentLength(answer);
    if (sizeBytes === undefined) throw notTheStore(this.#base.host, 'it does not tell how long a file is');
    return sizeBytes;
  }

  async remove(file: FileName, signal?: CallSignal): Promise<void> {
    const answer = await this.#ask(pathOf(file), { method: 'DELETE', signal });
    if (answer.status === 404) return;
    // A server that only lets files be added: no login that we have changes that.
    if (answer.status === 403)
      throw new Failure('permission-denied', { operation: 'remove', path: this.location, errno: '403' });
    this.#accept(answer, file);
  }

  async *list(type: FileType, signal?: CallSignal): AsyncGenerator<StoredFile> {
    if (type === 'config') {
      const sizeBytes = await sizeUnlessGone(this, configFile, signal);
      if (sizeBytes !== undefined) yield { name: '', sizeBytes };
      return;
    }
    const ask: Ask = { method: 'GET', signal, answerBytesMax: limits.listingBytesMax };
    const answer = await this.#ask(`${folderOf[type]}/`, ask);
    // A folder that nobody has written to yet; rclone has an empty list for that, and 404 for its own troubles.
    if (answer.status === 404) {
      if (!header(answer, 'server')?.startsWith('rclone/')) return;
      throw new Failure('store-busy', { location: this.#base.host, status: 404 }, { next: 'later' });
    }
    const files = parseListing(this.#accept(answer));
    if (files === undefined) throw notTheStore(this.#base.host, 'its list of files cannot be understood');
    for (const { name, sizeBytes } of files) {
      stopIfAborted(signal);
      const size = sizeBytes ?? (await sizeUnlessGone(this, { type, name }, signal));
      if (size !== undefined) yield { name, sizeBytes: size };
    }
  }

  async makeReady(uploads: number): Promise<void> {
    const asked = this.#requestOf(pathOf(configFile));
    await this.#carrier.makeReady?.({ ...asked, method: 'HEAD', answerBytesMax: 0 }, uploads);
  }

  dropIdle(): void {
    this.#carrier.dropIdle?.();
  }

  async close(): Promise<void> {
    await this.#carrier.close();
  }

  /** Whoever answers with 200 to everything has no file of that name and length. */
  async #prove(file: FileName, length: number, signal: CallSignal | undefined): Promise<void> {
    checkTaken(file, length, await sizeUnlessGone(this, file, signal), this.#base.host);
  }

  async #loadNothing(file: FileName, range: ByteRange, signal: CallSignal | undefined): Promise<Buffer> {
    if (range.offset > (await this.stat(file, signal))) throw tooShort(file, range);
    return Buffer.alloc(0);
  }

  async #ask(path: string, { headers, ...ask }: Ask): Promise<HttpAnswer> {
    return await this.#carrier.ask({
      answerBytesMax: limits.refusalBytesMax,
      ...ask,
      ...this.#requestOf(path, headers),
    });
  }

  #requestOf(path: string, headers: HttpRequest['headers'] = {}): Pick<HttpRequest, 'url' | 'headers'> {
    return { url: new URL(path, this.#base), headers: { ...this.#headers, ...headers } };
  }

  #accept(answer: HttpAnswer, file?: FileName): HttpAnswer {
    if (file !== undefined && answer.status === 404)
      throw new Failure('not-found', { what: file.type, id: file.name });
    const failure = fromStatus(answer, this.#base.host);
    if (failure !== undefined) throw failure;
    // No store of files answers with a page.
    if (header(answer, 'content-type')?.startsWith('text/html'))
      throw notTheStore(this.#base.host, 'it answers with a page');
    return answer;
  }
}

/** The protocol has no folders below `data`. */
function pathOf({ type, name }: FileName): string {
  return type === 'config' ? 'config' : `${folderOf[type]}/${name}`;
}

function tooShort(file: FileName, { offset, length }: ByteRange): Failure {
  return damaged(file.type, file.name, `it is shorter than ${offset + length} bytes`);
}
