/**
 * A login at B2 and the calls that it allows. A token lives a day at most: one that is refused is replaced once, by
 * one login however many calls wait for it. Nothing else is asked again.
 */
import type * as v from 'valibot';
import { Failure, isFailure } from '../../base/failure.ts';
import { limits } from '../../base/limits.ts';
import type { Secret } from '../../base/secret.ts';
import { type CallSignal, stopIfAborted } from '../call-signal.ts';
import type { Carrier, HttpAnswer, HttpRequest } from '../http/http-request.ts';
import { type Authorized, authorized, bucket, buckets, readAnswer } from './answers.ts';
import { fromB2Answer, isTokenExpired } from './b2-failures.ts';

export interface B2Login {
  readonly keyId: string;
  readonly key: Secret<string>;
}

export interface B2Place {
  readonly endpoint: URL;
  readonly bucket: string;
  /** For people. */
  readonly location: string;
}

type Made = Pick<HttpRequest, 'method' | 'url' | 'parts' | 'headers' | 'answerBytesMax'>;

const version = '/b2api/v3/';

export class B2Session {
  readonly location: string;
  readonly #login: B2Login;
  readonly #carrier: Carrier;
  readonly #place: B2Place;
  #authorized: Promise<Authorized> | undefined;
  #latest: Authorized | undefined;
  #bucketId: string | undefined;

  constructor(place: B2Place, login: B2Login, carrier: Carrier) {
    this.location = place.location;
    this.#place = place;
    this.#login = login;
    this.#carrier = carrier;
  }

  /** One of B2's calls that take and give JSON. */
  async call<S extends v.GenericSchema>(
    call: string,
    schema: S,
    asked: Readonly<Record<string, unknown>>,
    signal: CallSignal | undefined,
  ): Promise<v.InferOutput<S>> {
    let host = '';
    const answer = await this.ask(call, signal, ({ apiInfo }) => {
      const url = new URL(version + call, apiInfo.storageApi.apiUrl);
      host = url.host;
      const parts = [Buffer.from(JSON.stringify(asked))];
      return { method: 'POST', url, parts, answerBytesMax: limits.listingBytesMax };
    });
    return readAnswer(schema, answer, host);
  }

  /** An answer of success to a request with the account's token. */
  async ask(
    call: string,
    signal: CallSignal | undefined,
    make: (authorized: Authorized) => Made,
  ): Promise<HttpAnswer> {
    for (let isAgain = false; ; isAgain = true) {
      const allowed = await this.#loggedIn(signal);
      const made = make(allowed);
      const headers = { ...made.headers, Authorization: allowed.authorizationToken };
      const answer = await this.#carrier.ask({ ...made, headers, signal });
      if (!isAgain && isTokenExpired(answer)) {
        // The first to notice; the others wait for the login that it begins.
        if (this.#latest === allowed) {
          this.#latest = undefined;
          this.#authorized = undefined;
        }
        continue;
      }
      const failure = fromB2Answer(answer, { host: made.url.host, location: this.location, call });
      if (failure !== undefined) throw failure;
      return answer;
    }
  }

  async mayDelete(signal: CallSignal | undefined): Promise<boolean> {
    return (await this.#loggedIn(signal)).apiInfo.storageApi.capabilities.includes('deleteFiles');
  }

  /** Fails with `repository-missing` where there is no such bucket. */
  async bucketId(signal: CallSignal | undefined): Promise<string> {
    this.#bucketId ??= await this.#findBucket(signal);
    if (this.#bucketId === undefined) throw new Failure('repository-missing', { location: this.location });
    return this.#bucketId;
  }

  async makeBucket(signal: CallSignal | undefined): Promise<void> {
    this.#bucketId ??= await this.#findBucket(signal);
    if (this.#bucketId !== undefined) return;
    const { accountId } = await this.#loggedIn(signal);
    const asked = { accountId, bucketName: this.#place.bucket, bucketType: 'allPrivate' };
    this.#bucketId = (await this.call('b2_create_bucket', bucket, asked, signal)).bucketId;
  }

  dropIdle(): void {
    this.#carrier.dropIdle?.();
  }

  async close(): Promise<void> {
    await this.#carrier.close();
  }

  async #findBucket(signal: CallSignal | undefined): Promise<string | undefined> {
    const { accountId, apiInfo } = await this.#loggedIn(signal);
    const { bucket: bucketName } = this.#place;
    const { bucketId, bucketName: only } = apiInfo.storageApi;
    // A key for one bucket may not list the others.
    if (bucketId && only === bucketName) return bucketId;
    const found = await this.call('b2_list_buckets', buckets, { accountId, bucketName }, signal);
    return found.buckets.find((each) => each.bucketName === bucketName)?.bucketId;
  }

  /** One login for all who wait for it. Whoever gives up meanwhile does not take it from the others. */
  async #loggedIn(signal: CallSignal | undefined): Promise<Authorized> {
    for (;;) {
      stopIfAborted(signal);
      const isMine = this.#authorized === undefined;
      this.#authorized ??= this.#logIn(signal);
      const login = this.#authorized;
      try {
        return await login;
      } catch (error) {
        if (this.#authorized === login) this.#authorized = undefined;
        if (isMine || !isFailure(error, 'cancelled')) throw error;
      }
    }
  }

  async #logIn(signal: CallSignal | undefined): Promise<Authorized> {
    const call = 'b2_authorize_account';
    const { endpoint } = this.#place;
    const { keyId, key } = this.#login;
    const answer = await this.#carrier.ask({
      method: 'GET',
      url: new URL(version + call, endpoint),
      headers: { Authorization: `Basic ${Buffer.from(`${keyId}:${key.reveal()}`).toString('base64')}` },
      answerBytesMax: limits.refusalBytesMax,
      signal,
    });
    const failure = fromB2Answer(answer, { host: endpoint.host, location: this.location, call });
    if (failure !== undefined) throw failure;
    this.#latest = readAnswer(authorized, answer, endpoint.host);
    return this.#latest;
  }
}
