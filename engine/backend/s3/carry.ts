/**
 * Lets the AWS SDK speak through our own HTTP client: the SDK makes and signs requests and reads answers, and how
 * bytes move (progress, cancelling, whom we trust over TLS, what a whole answer is) stays the same for every store.
 */
import { Readable } from 'node:stream';
import { notTheStore } from '../http/http-failures.ts';
import { type Carrier, type HttpAnswer, type HttpRequest, header } from '../http/http-request.ts';

/** What comes with a call; the SDK hands it on as it is. */
export interface CarryOptions {
  readonly abortSignal?: HttpRequest['signal'];
  readonly answerBytesMax?: number;
}

/** Of the SDK's requests, what matters here. */
interface SdkRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface SdkAnswer {
  readonly response: { statusCode: number; headers: Record<string, string>; body: Readable };
}

const methods: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'];

export class SdkCarrier {
  readonly #carrier: Carrier;
  readonly #answerBytesMax: number;

  constructor(carrier: Carrier, answerBytesMax: number) {
    this.#carrier = carrier;
    this.#answerBytesMax = answerBytesMax;
  }

  async handle(request: SdkRequest, options: object = {}): Promise<SdkAnswer> {
    const { abortSignal: signal, answerBytesMax = this.#answerBytesMax } = options as CarryOptions;
    const { method } = request;
    if (!isMethod(method)) throw new TypeError(`The SDK sends ${method}`);
    const url = urlOf(request);
    const { host: _, 'content-length': __, ...headers } = request.headers;
    const answer = await this.#carrier.ask({
      method,
      url,
      headers,
      ...(request.body === undefined ? {} : { parts: [bytesOf(request.body)] }),
      answerBytesMax,
      signal,
    });
    stopIfStranger(answer, url.host);
    return {
      response: {
        statusCode: answer.status,
        headers: plainHeaders(answer),
        body: Readable.from([answer.body], { objectMode: false }),
      },
    };
  }

  // The SDK's own settings of its own handler: there are none here.
  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): Record<string, never> {
    return {};
  }
}

/**
 * S3 says in a redirect, as XML or in a header, which region is the right one, and says as XML what it refuses. Others
 * send us elsewhere, or have a page which must not be taken for a file that is gone. An answer to HEAD has no body.
 */
function stopIfStranger(answer: HttpAnswer, host: string): void {
  const { status, body } = answer;
  if (body.includes('<Error>') || body.includes('<Error ')) return;
  const isRedirect = status >= 300 && status < 400;
  if (isRedirect && header(answer, 'x-amz-bucket-region') === undefined)
    throw notTheStore(host, 'it sends us elsewhere', { status });
  if ((status === 403 || status === 404) && body.length > 0)
    throw notTheStore(host, 'its answer is not of S3', { status });
}

function isMethod(method: string): method is HttpRequest['method'] {
  return methods.includes(method);
}

/** The query is written exactly as the SDK has signed it. */
function urlOf({ protocol, hostname, port, path, query = {} }: SdkRequest): URL {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === null
      ? [escaped(name)]
      : [value].flat().map((each) => `${escaped(name)}=${escaped(String(each))}`),
  );
  const search = pairs.length === 0 ? '' : `?${pairs.join('&')}`;
  return new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}${search}`);
}

function escaped(text: string): string {
  const hex = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/[!'()*]/g, hex);
}

function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  if (typeof body === 'string') return Buffer.from(body);
  throw new TypeError('The SDK sends a body that is neither bytes nor text');
}

function plainHeaders({ headers }: HttpAnswer): Record<string, string> {
  const entries = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, [value].flat().join(', ')]));
}
