/**
 * The app served to a browser of this machine: the window's files, the state as server-sent events, calls as POST. It
 * listens on loopback only and changes nothing on a GET (but that a token is used up). `gate.ts` decides who may.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { appCalls } from '../../engine/protocol/app-calls.ts';
import type { AppState, PlainFailure } from '../../engine/protocol/app-state.ts';
import { checkArgument, type Settled } from '../../engine/protocol/calls.ts';
import type { Bundle } from './bundle.ts';
import { permit } from './gate.ts';
import { makeSession, type Session } from './session.ts';
import { sendStates } from './state-stream.ts';

const bodyBytesMax = 1024 * 1024;
const headersMsMax = 10_000;
const requestMsMax = 30_000;
const connectionsMax = 64;

/** What a host serves. */
export interface ServedApp {
  readonly answers: Readonly<Record<string, (argument: never) => Promise<unknown>>>;
  state(): AppState;
  onState(listener: (state: AppState) => void): () => void;
}

export interface WebHost {
  readonly port: number;
  /** With the token: good for one use. */
  readonly url: string;
  close(): Promise<void>;
}

export interface WebHostParts {
  readonly app: ServedApp;
  readonly bundle: Bundle;
  readonly makeSecret: () => string;
  /** What the window may know of what an answer threw. */
  readonly toFailure: (error: unknown) => PlainFailure;
  /** A free one where it is 0. */
  readonly port: number;
}

/** Fails with Node's error where the port is taken. */
export async function openWebHost(parts: WebHostParts): Promise<WebHost> {
  let open: { session: Session; port: number } | undefined;
  const server = createServer((request, response) => {
    if (open === undefined) return void response.destroy();
    response.on('error', () => response.destroy());
    void serve({ ...parts, ...open }, request, response).catch(() => response.destroy());
  });
  server.headersTimeout = headersMsMax;
  server.requestTimeout = requestMsMax;
  server.maxConnections = connectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(parts.port, '127.0.0.1', resolve);
  });
  const listening = (server.address() as AddressInfo).port;
  open = { session: makeSession(parts.makeSecret, listening), port: listening };
  return {
    port: listening,
    url: `http://127.0.0.1:${listening}/?token=${open.session.token}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Serving extends WebHostParts {
  readonly session: Session;
}

async function serve(serving: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { app, bundle, session, port } = serving;
  for (const [name, value] of Object.entries(safetyHeaders)) response.setHeader(name, value);
  const { headers } = request;
  const permission = permit({
    method: request.method ?? '',
    target: request.url ?? '',
    host: headers.host,
    origin: headers.origin,
    fetchSite: headers['sec-fetch-site'] as string | undefined,
    contentType: headers['content-type'],
    hasSession: session.isOpenedBy(headers.cookie),
    port,
  });
  if (permission.do === 'refuse') return refuse(response, permission.status, permission.why);
  if (permission.do === 'state') return sendStates(app, response);
  if (permission.do === 'call') return answerCall(serving, permission.name, request, response);
  if (permission.do === 'exchange') {
    const cookie = session.exchange(permission.token);
    // Who reloads the printed address in the same browser has the cookie already.
    if (cookie === undefined && !session.isOpenedBy(headers.cookie))
      return refuse(response, 401, 'no-session');
    if (cookie !== undefined) response.setHeader('set-cookie', cookie);
    return sendOnwards(response);
  }
  const file = bundle.get(permission.path);
  if (file === undefined) return refuse(response, 404, 'no-such-file');
  response.writeHead(200, { 'content-type': file.contentType, 'content-length': file.bytes.length });
  response.end(file.bytes);
}

async function answerCall(
  { app, toFailure }: Serving,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!Object.hasOwn(appCalls, name)) return refuse(response, 404, 'unknown-call');
  const body = await readBody(request);
  if (body === undefined) {
    response.setHeader('connection', 'close');
    return refuse(response, 413, 'too-big');
  }
  const checked = checkArgument(appCalls, name, argumentIn(body));
  if (!checked.ok) return refuse(response, 400, 'bad-argument');
  let settled: Settled;
  try {
    settled = { ok: true, value: await app.answers[name]!(checked.value as never) };
  } catch (error) {
    settled = { ok: false, failure: toFailure(error) };
  }
  sendJson(response, 200, settled);
}

/** Undefined where it is longer than allowed. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  // The request stays open: its sender is to read why it was refused.
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > bodyBytesMax) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** JSON has no `undefined`: a call without argument sends an object without it. What is no such object fits no call. */
function argumentIn(body: string): unknown {
  try {
    const parsed: unknown = JSON.parse(body);
    const isEnvelope =
      typeof parsed === 'object' &&
      parsed !== null &&
      !Array.isArray(parsed) &&
      Object.keys(parsed).every((key) => key === 'argument');
    return isEnvelope ? (parsed as { argument?: unknown }).argument : null;
  } catch {
    return null;
  }
}

/**
 * To the address without the token. By a page of ours and not by a status of HTTP: after a redirect the browser would
 * still think of whoever opened the address, and a strict cookie is not sent for others.
 */
function sendOnwards(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end('<!doctype html><meta http-equiv="refresh" content="0; url=/"><title>Slackwater</title>');
}

function refuse(response: ServerResponse, status: number, why: string): void {
  if (status !== 401) {
    sendJson(response, status, { ok: false, failure: { code: 'usage', detail: { why } } });
    return;
  }
  response.writeHead(401, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(
    'Open the address that Slackwater printed when it started. It works once; start it again for another.\n',
  );
}

function sendJson(response: ServerResponse, status: number, settled: Settled): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(settled));
}

/** With every answer. */
const safetyHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};
