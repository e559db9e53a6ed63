/**
 * A stand-in for Backblaze B2's native API on loopback, because the real one cannot be reached from tests. Real clients
 * (rclone's and restic's own) are tried with it, so that it is no picture of our own mistakes. It can lag, let tokens
 * expire and refuse what it is told to.
 */
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { apiCalls, type B2Answer, B2Refusal } from './b2-api.ts';
import { B2State } from './b2-state.ts';
import { download, upload } from './b2-transfers.ts';

export interface B2Server {
  readonly state: B2State;
  /** `http://127.0.0.1:...`, for clients whose endpoint can be told. */
  readonly endpoint: string;
  /** The same server, for a listener of one's own: with TLS, for example. */
  readonly listener: RequestListener;
  close(): Promise<void>;
}

const bodyBytesMax = 256 * 1024 * 1024;

export async function startB2(login = { keyId: 'stand-in-key', key: 'stand-in-secret' }): Promise<B2Server> {
  const state = new B2State(login);
  const listener: RequestListener = (request, response) => void serve(state, request, response);
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  state.base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { state, endpoint: state.base, listener, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

async function serve(state: B2State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await bodyOf(request);
    const url = new URL(request.url ?? '/', state.base);
    send(request, response, answer(state, request, url, body));
  } catch (error) {
    if (response.destroyed) return;
    const refusal = error instanceof B2Refusal ? error : new B2Refusal(500, 'internal_error', String(error));
    const { status, code, message, headers } = refusal;
    const json = JSON.stringify({ status, code, message });
    send(request, response, {
      status,
      headers: { 'Content-Type': 'application/json', ...headers },
      body: json,
    });
  }
}

function answer(state: B2State, request: IncomingMessage, url: URL, body: Buffer): B2Answer {
  const [, call] = /^\/b2api\/v[1-4]\/(b2_[a-z_]+)(?:\/|$)/.exec(url.pathname) ?? [];
  const name = call ?? 'b2_download_file_by_name';
  state.calls.push(name);
  state.refuseIfTold(name);
  if (name === 'b2_upload_file') return upload(state, request, url, body);
  if (name === 'b2_download_file_by_name' || name === 'b2_download_file_by_id')
    return download(state, request, url, name);
  const perform = apiCalls[name];
  if (perform === undefined) throw new B2Refusal(400, 'bad_request', `no such call: ${name}`);
  const asked: unknown =
    body.length === 0 ? Object.fromEntries(url.searchParams) : JSON.parse(body.toString());
  const result = perform(state, asked as Record<string, unknown>, request.headers.authorization ?? '', url);
  return { status: 200, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(result) };
}

function send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: B2Answer): void {
  response.writeHead(status, { 'Content-Length': Buffer.byteLength(body), ...headers });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > bodyBytesMax) throw new B2Refusal(400, 'bad_request', 'too long');
  }
  return Buffer.concat(chunks);
}
