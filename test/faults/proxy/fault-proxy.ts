/**
 * A proxy on loopback that stands before a real HTTP server and misbehaves by plan. It reads a request, lets the
 * server answer, and gives the answer back, each of them whole: so a fault strikes at an exact byte. What takes time
 * on the way (round trips, bandwidth) is `slow-link.ts`.
 */
import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as requestFrom,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Given, giveBack } from './answer.ts';
import { type Fault, withOtherBit } from './fault.ts';
import type { ListingLag } from './listing-lag.ts';
import { pause } from './pause.ts';
import { noFaults, type Plan } from './plan.ts';
import { type SeenRequest, seeRequest } from './seen-request.ts';
import { Tally } from './tally.ts';

export interface Struck extends SeenRequest {
  readonly fault?: Fault;
}

export class FaultProxy {
  /** Asked for each request; it may be replaced while requests go on. */
  plan: Plan = noFaults;
  lag: ListingLag | undefined;
  tally = new Tally();
  /** What came, in order, and what was done to it. */
  readonly history: Struck[] = [];
  /** Called when a request has come, before anything is done to it. */
  onRequest: (seen: SeenRequest) => void = () => {};
  readonly #target: number;
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #sockets = new Set<Socket>();

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer({ keepAliveTimeout: 300_000, requestTimeout: 0 }, (request, response) => {
      // Whoever hangs up in the middle has ended it.
      const { socket } = request;
      this.#serve(request, response, socket).catch(() => socket.destroy());
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** Before the server at a port of loopback. */
  static async before(targetPort: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(targetPort);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The same place, by way of this proxy. */
  at(location: string): string {
    return location.replace(`127.0.0.1:${this.#target}`, `127.0.0.1:${this.port}`);
  }

  get struck(): readonly Struck[] {
    return this.history.filter(({ fault }) => fault !== undefined);
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse, socket: Socket): Promise<void> {
    const seen = seeRequest(request, this.tally.requests + 1, performance.now());
    this.tally.asked(seen);
    const fault = this.plan(seen);
    this.history.push(fault === undefined ? seen : { ...seen, fault });
    this.onRequest(seen);
    if (fault?.do === 'black-hole' && fault.isCarriedOut !== true) return void socket.pause();
    const body = await this.#bodyOf(request, seen, fault);
    if (body === undefined) return;
    const given = await this.#askServer(request, changed(body, fault), seen, fault);
    await giveBack(given, fault, request, response);
  }

  /** Undefined where the connection was reset instead. */
  async #bodyOf(
    request: IncomingMessage,
    seen: SeenRequest,
    fault: Fault | undefined,
  ): Promise<Buffer | undefined> {
    const bytesMax =
      fault?.do === 'reset' ? Math.min(fault.bodyBytes ?? 0, seen.bytes) : Number.POSITIVE_INFINITY;
    const { socket } = request;
    const chunks: Buffer[] = [];
    let bytes = 0;
    if (bytesMax === 0) return void socket.resetAndDestroy();
    for await (const chunk of request as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      this.tally.sent(seen, chunk.length);
      if (bytes >= bytesMax) return void socket.resetAndDestroy();
      if (fault?.do === 'trickle' && fault.way === 'up')
        await pause((chunk.length / fault.bytesPerSecond) * 1000, socket);
    }
    return Buffer.concat(chunks);
  }

  /** The server's answer; undefined where the fault keeps the request from it. */
  async #askServer(
    { method, url, rawHeaders, socket }: IncomingMessage,
    body: Buffer,
    seen: SeenRequest,
    fault: Fault | undefined,
  ): Promise<Given | undefined> {
    if (fault?.do === 'answer' || fault?.do === 'portal' || fault?.do === 'redirect') return undefined;
    if (fault?.do === 'delay') await pause(fault.ms, socket);
    const asked = requestFrom({
      host: '127.0.0.1',
      port: this.#target,
      method,
      path: url,
      headers: rawHeaders,
      agent: this.#agent,
    });
    asked.on('error', () => undefined);
    asked.end(body);
    // As a relay would: who hangs up takes with him what has not gone on yet.
    const cutOff = (): void => void asked.destroy();
    socket.once('close', cutOff);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    socket.off('close', cutOff);
    const chunks: Buffer[] = [];
    for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
    const status = answer.statusCode ?? 502;
    this.tally.answered(seen, status);
    this.lag?.answered(seen, performance.now());
    const whole = Buffer.concat(chunks);
    const isLagging = this.lag !== undefined && seen.operation === 'list' && status === 200;
    const given = isLagging ? this.lag!.apply(seen, whole, performance.now()) : whole;
    return { status, rawHeaders: answer.rawHeaders, body: given };
  }
}

function changed(body: Buffer, fault: Fault | undefined): Buffer {
  if (fault?.do !== 'change-upload' || body.length === 0) return body;
  return withOtherBit(body, fault.at);
}
