/**
 * A repository in a bucket of Backblaze B2, over B2's own API. A file counts as saved once B2 has told the hash of what
 * it has. B2 keeps versions: only the newest is seen, and a file is removed with all of them.
 */
import { damaged, Failure, isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { Secret } from '../base/secret.ts';
import { encodedName, endpointFrom, parseB2Address } from './b2/address.ts';
import { deleted, fileNames, fileVersions, hidden } from './b2/answers.ts';
import { type B2Login, B2Session } from './b2/session.ts';
import { B2Uploads } from './b2/uploads.ts';
import {
  type Backend,
  type BackendWorld,
  type ByteRange,
  configFile,
  type FileName,
  type FileType,
  type StoreAccess,
  type StoredFile,
} from './backend.ts';
import { type CallSignal, stopIfAborted } from './call-signal.ts';
import { HttpClient } from './http/http-client.ts';
import { notTheStore } from './http/http-failures.ts';
import { contentLength, type HttpAnswer, type HttpRequest, header } from './http/http-request.ts';
import { proxiesFrom } from './http/proxy.ts';
import { trustFrom } from './http/trust.ts';
import { folderKey, keyOf, nameInKey } from './object-keys.ts';
import { sizeUnlessGone } from './size-unless-gone.ts';

/** `rest` is what follows `b2:`. Fails with `usage` for what is no such address, `login-refused` without a key. */
export function openB2(rest: string, { access }: BackendWorld): Backend {
  const { bucket, prefix } = parseB2Address(rest);
  const location = `b2:${bucket}:${prefix}`;
  const carrier = new HttpClient({ trust: trustFrom(access), proxy: proxiesFrom(access) });
  const login = loginFrom(access, location);
  const session = new B2Session({ endpoint: endpointFrom(access), bucket, location }, login, carrier);
  return new B2Backend(bucket, prefix, session, new B2Uploads(session, carrier));
}

function loginFrom({ B2_ACCOUNT_ID: keyId, B2_ACCOUNT_KEY: key }: StoreAccess, location: string): B2Login {
  if (keyId && key) return { keyId, key: new Secret(key) };
  throw new Failure('login-refused', {
    location,
    why: 'B2_ACCOUNT_ID and B2_ACCOUNT_KEY must both be given',
  });
}

class B2Backend implements Backend {
  readonly connectionsMax = limits.objectStoreConnectionsMax;
  readonly listLagFloorMs = limits.lagFloorB2Ms;
  readonly location: string;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #session: B2Session;
  readonly #uploads: B2Uploads;
  /** Of our own locks: a listing that lags does not show them, and they must go all the same. */
  readonly #lockIds = new Map<string, string>();

  constructor(bucket: string, prefix: string, session: B2Session, uploads: B2Uploads) {
    this.location = session.location;
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#session = session;
    this.#uploads = uploads;
  }

  /** As restic: a bucket that is not there is made, and is private. */
  async create(signal?: CallSignal): Promise<void> {
    stopIfAborted(signal);
    await this.#session.makeBucket(signal);
  }

  async save(file: FileName, parts: readonly Uint8Array[], signal?: CallSignal): Promise<void> {
    stopIfAborted(signal);
    const key = keyOf(this.#prefix, file);
    const fileId = await this.#uploads.upload(key, parts, signal);
    if (file.type === 'lock') this.#lockIds.set(key, fileId);
  }

  async load(file: FileName, range?: ByteRange, signal?: CallSignal): Promise<Uint8Array> {
    if (range === undefined) return (await this.#download(file, { method: 'GET' }, signal)).body;
    if (range.length === 0) {
      if (range.offset > (await this.stat(file, signal))) throw tooShort(file, range);
      return Buffer.alloc(0);
    }
    const headers = { Range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
    const ask = { method: 'GET', headers, answerBytesMax: range.length } as const;
    const answer = await this.#download(file, ask, signal);
    const from = /^bytes (\d+)-/.exec(header(answer, 'content-range') ?? '')?.[1];
    if (Number(from) !== range.offset)
      throw notTheStore(this.#bucket, 'it gives another part of a file than we asked for');
    if (answer.body.length < range.length) throw tooShort(file, range);
    return answer.body;
  }

  async stat(file: FileName, signal?: CallSignal): Promise<number> {
    const sizeBytes = contentLength(await this.#download(file, { method: 'HEAD' }, signal));
    if (sizeBytes === undefined) throw notTheStore(this.#bucket, 'it does not tell how long a file is');
    return sizeBytes;
  }

  /** All its versions. A key that may not delete hides the file instead, as restic does. */
  async remove(file: FileName, signal?: CallSignal): Promise<void> {
    stopIfAborted(signal);
    const fileName = keyOf(this.#prefix, file);
    try {
      if (await this.#session.mayDelete(signal)) await this.#deleteVersions(fileName, signal);
      else await this.#hide(fileName, signal);
      this.#lockIds.delete(fileName);
    } catch (error) {
      if (!isFailure(error, 'not-found')) throw error;
    }
  }

  async *list(type: FileType, signal?: CallSignal): AsyncGenerator<StoredFile> {
    if (type === 'config') {
      const sizeBytes = await sizeUnlessGone(this, configFile, signal);
      if (sizeBytes !== undefined) yield { name: '', sizeBytes };
      return;
    }
    const bucketId = await this.#session.bucketId(signal);
    const asked = { bucketId, prefix: folderKey(this.#prefix, type), maxFileCount: limits.b2PageFilesMax };
    for (let start = ''; ; ) {
      const from = start === '' ? {} : { startFileName: start };
      const page = await this.#session.call('b2_list_file_names', fileNames, { ...asked, ...from }, signal);
      for (const { fileName, contentLength: sizeBytes } of page.files) {
        stopIfAborted(signal);
        const name = nameInKey(this.#prefix, type, fileName);
        if (name !== undefined) yield { name, sizeBytes };
      }
      const next = page.nextFileName;
      if (!next) return;
      // Names come in order, so that none comes twice.
      if (next <= start) throw notTheStore(this.#bucket, 'its list does not end');
      start = next;
    }
  }

  dropIdle(): void {
    this.#session.dropIdle();
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  async #download(
    file: FileName,
    ask: Pick<HttpRequest, 'method' | 'headers'> & { readonly answerBytesMax?: number },
    signal: CallSignal | undefined,
  ): Promise<HttpAnswer> {
    stopIfAborted(signal);
    const path = `/file/${this.#bucket}/${encodedName(keyOf(this.#prefix, file))}`;
    let host = '';
    try {
      const answer = await this.#session.ask('b2_download_file_by_name', signal, ({ apiInfo }) => {
        const url = new URL(path, apiInfo.storageApi.downloadUrl);
        host = url.host;
        return { answerBytesMax: limits.storedFileBytesMax, ...ask, url };
      });
      if (header(answer, 'x-bz-file-id') === undefined) throw notTheStore(host, 'its answer is not of B2');
      return answer;
    } catch (error) {
      if (isFailure(error, 'not-found')) throw new Failure('not-found', { what: file.type, id: file.name });
      if (isFailure(error) && error.detail.status === 416)
        throw damaged(file.type, file.name, 'it ends before the range does');
      throw error;
    }
  }

  async #deleteVersions(fileName: string, signal: CallSignal | undefined): Promise<void> {
    const ours = this.#lockIds.get(fileName);
    if (ours !== undefined) await this.#deleteVersion(fileName, ours, signal);
    const bucketId = await this.#session.bucketId(signal);
    const asked = { bucketId, prefix: fileName, startFileName: fileName, maxFileCount: limits.b2VersionsMax };
    const { files } = await this.#session.call('b2_list_file_versions', fileVersions, asked, signal);
    for (const version of files) {
      if (version.fileName !== fileName || !version.fileId || version.fileId === ours) continue;
      await this.#deleteVersion(fileName, version.fileId, signal);
    }
  }

  async #deleteVersion(fileName: string, fileId: string, signal: CallSignal | undefined): Promise<void> {
    try {
      await this.#session.call('b2_delete_file_version', deleted, { fileName, fileId }, signal);
    } catch (error) {
      if (!isFailure(error, 'not-found')) throw error;
    }
  }

  async #hide(fileName: string, signal: CallSignal | undefined): Promise<void> {
    const bucketId = await this.#session.bucketId(signal);
    try {
      await this.#session.call('b2_hide_file', hidden, { bucketId, fileName }, signal);
    } catch (error) {
      if (!(isFailure(error) && error.detail.b2Code === 'already_hidden')) throw error;
    }
  }
}

function tooShort(file: FileName, { offset, length }: ByteRange): Failure {
  return damaged(file.type, file.name, `it is shorter than ${offset + length} bytes`);
}
