/**
 * Calls to one bucket through the AWS SDK, which is loaded with the first of them. Each is asked once, except that a
 * store which names the region it is in is asked again there. Errors come out as failures.
 */
import type { S3 } from '@aws-sdk/client-s3';
import { Failure } from '../../base/failure.ts';
import { limits } from '../../base/limits.ts';
import type { Secret } from '../../base/secret.ts';
import type { FileName } from '../backend.ts';
import { type CallSignal, stopIfAborted } from '../call-signal.ts';
import type { Carrier } from '../http/http-request.ts';
import { endpointOf, locationOf, regionPattern, type S3Address } from './address.ts';
import { type CarryOptions, SdkCarrier } from './carry.ts';
import { fromS3Error, mayBeWrongRegion, type Operation, regionHint } from './s3-failures.ts';

export interface S3Login {
  readonly keyId: string;
  readonly secret: Secret<string>;
  readonly sessionToken: Secret<string> | undefined;
}

export interface S3Call {
  readonly operation: Operation;
  readonly file?: FileName;
  readonly signal?: CallSignal | undefined;
  readonly answerBytesMax?: number;
}

/** What the SDK takes beside a call, and hands on to our carrier. */
export type SdkOptions = { readonly abortSignal?: AbortSignal };

/** Where nothing says which region it is: every store but Amazon takes this one, and Amazon names the right one. */
const firstRegion = 'us-east-1';

export class S3Calls {
  readonly location: string;
  readonly host: string;
  readonly #address: S3Address;
  readonly #login: S3Login;
  readonly #carrier: Carrier;
  #region: string;
  #client: Promise<S3> | undefined;

  constructor(address: S3Address, login: S3Login, carrier: Carrier) {
    this.#address = address;
    this.#login = login;
    this.#carrier = carrier;
    this.#region = address.region ?? firstRegion;
    this.host = address.host;
    this.location = locationOf(address);
  }

  get region(): string {
    return this.#region;
  }

  async ask<T>(call: S3Call, work: (s3: S3, options: SdkOptions) => Promise<T>): Promise<T> {
    stopIfAborted(call.signal);
    const carried: CarryOptions = {
      abortSignal: call.signal,
      answerBytesMax: call.answerBytesMax ?? limits.refusalBytesMax,
    };
    const options = carried as SdkOptions;
    try {
      return await work(await this.#s3(), options);
    } catch (error) {
      const region =
        regionHint(error) ?? (mayBeWrongRegion(error) ? await this.#askRegion(options) : undefined);
      if (region === undefined || region === this.#region) throw this.#failure(error, call);
      this.#moveTo(region);
    }
    try {
      return await work(await this.#s3(), options);
    } catch (error) {
      throw this.#failure(error, call);
    }
  }

  dropIdle(): void {
    this.#carrier.dropIdle?.();
  }

  async close(): Promise<void> {
    await this.#carrier.close();
  }

  #failure(error: unknown, { operation, file, signal }: S3Call): Failure {
    // The SDK has an error of its own for it.
    if (signal?.aborted) return new Failure('cancelled');
    return fromS3Error(error, { host: this.host, location: this.location, operation, file });
  }

  /** What the store says where the bucket is; undefined where it was told to us, or is not known to the store. */
  async #askRegion(options: SdkOptions): Promise<string | undefined> {
    if (this.#address.region !== undefined) return undefined;
    try {
      const s3 = await this.#s3();
      const { LocationConstraint: told } = await s3.getBucketLocation(
        { Bucket: this.#address.bucket },
        options,
      );
      return told === undefined || !regionPattern.test(told) ? firstRegion : told;
    } catch (error) {
      return regionHint(error);
    }
  }

  #moveTo(region: string): void {
    this.#region = region;
    this.#client = undefined;
  }

  #s3(): Promise<S3> {
    this.#client ??= this.#connect();
    return this.#client;
  }

  async #connect(): Promise<S3> {
    const { S3: Client } = await import('@aws-sdk/client-s3');
    const { keyId, secret, sessionToken } = this.#login;
    const credentials = {
      accessKeyId: keyId,
      secretAccessKey: secret.reveal(),
      ...(sessionToken === undefined ? {} : { sessionToken: sessionToken.reveal() }),
    };
    const quiet = (): void => {};
    return new Client({
      region: this.#region,
      endpoint: endpointOf(this.#address, this.#region),
      forcePathStyle: this.#address.isPathStyle,
      credentials,
      requestHandler: new SdkCarrier(this.#carrier, limits.refusalBytesMax),
      maxAttempts: 1,
      retryMode: 'standard',
      // The SDK's newer checksums come as trailers, which many other stores refuse. We send Content-MD5 with every
      // upload instead: all of them know it, and buckets with object lock ask for it.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      // It would cost a round trip for each upload.
      expectContinueHeader: false,
      // Everything that it would otherwise read from this machine's files and environment.
      defaultsMode: 'standard',
      useDualstackEndpoint: false,
      useFipsEndpoint: false,
      useArnRegion: false,
      disableS3ExpressSessionAuth: true,
      sigv4aSigningRegionSet: [this.#region],
      authSchemePreference: ['sigv4'],
      userAgentAppId: 'slackwater',
      logger: { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet },
    });
  }
}
