/**
 * Uploads to B2: each needs an address of its own, given out by B2, which serves one upload at a time and is used again
 * as long as it works. One that is worn out is replaced at once, as B2 asks; other failures are for the wrappers.
 */
import { createHash } from 'node:crypto';
import { limits } from '../../base/limits.ts';
import type { CallSignal } from '../call-signal.ts';
import { notTheStore } from '../http/http-failures.ts';
import type { Carrier } from '../http/http-request.ts';
import { encodedName } from './address.ts';
import { readAnswer, refusalCode, type UploadAddress, uploadAddress, uploaded } from './answers.ts';
import { fromB2Answer } from './b2-failures.ts';
import type { B2Session } from './session.ts';

const call = 'b2_upload_file';

/** Of an upload, not of B2: this address is busy or its token is too old, another one will do. */
const isWornOut = (status: number): boolean => status === 401 || status === 408 || status === 503;

export class B2Uploads {
  readonly #session: B2Session;
  readonly #carrier: Carrier;
  #free: UploadAddress[] = [];

  constructor(session: B2Session, carrier: Carrier) {
    this.#session = session;
    this.#carrier = carrier;
  }

  /** Resolves with the file's id, once B2 has said which bytes it has. */
  async upload(
    fileName: string,
    parts: readonly Uint8Array[],
    signal: CallSignal | undefined,
  ): Promise<string> {
    const sha1 = sha1Of(parts);
    for (let left: number = limits.uploadAddressesTriedMax; ; left--) {
      const address = this.#free.pop() ?? (await this.#newAddress(signal));
      const { host } = address.uploadUrl;
      const answer = await this.#carrier.ask({
        method: 'POST',
        url: address.uploadUrl,
        headers: {
          Authorization: address.authorizationToken,
          'X-Bz-File-Name': encodedName(fileName),
          'X-Bz-Content-Sha1': sha1,
          'Content-Type': 'application/octet-stream',
        },
        parts,
        answerBytesMax: limits.refusalBytesMax,
        signal,
      });
      const failure = fromB2Answer(answer, { host, location: this.#session.location, call });
      if (failure === undefined) {
        const stored = readAnswer(uploaded, answer, host);
        if (stored.contentSha1 !== sha1 || stored.fileName !== fileName)
          throw notTheStore(host, 'it has other bytes than we sent');
        this.#free.push(address);
        return stored.fileId;
      }
      // The others were given out with the same login, most likely.
      if (answer.status === 401) this.#free = [];
      const isRefusedKey = refusalCode(answer) === 'unauthorized';
      if (!isWornOut(answer.status) || isRefusedKey || left === 1) throw failure;
    }
  }

  async #newAddress(signal: CallSignal | undefined): Promise<UploadAddress> {
    const bucketId = await this.#session.bucketId(signal);
    return await this.#session.call('b2_get_upload_url', uploadAddress, { bucketId }, signal);
  }
}

function sha1Of(parts: readonly Uint8Array[]): string {
  const sha1 = createHash('sha1');
  for (const part of parts) sha1.update(part);
  return sha1.digest('hex');
}
