/**
 * A long way between two ends of a TCP connection, on loopback: each byte takes half a round trip, a new connection a
 * whole one more, and each connection has only so much on the way as TCP would: a window that begins small, doubles
 * with each round trip, and begins anew after a rest. Bandwidth, where it is limited, is shared by all connections.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface LinkOptions {
  readonly roundTripMs: number;
  /** Of each direction. */
  readonly bytesPerSecond?: number;
  /** The most that one connection has under way: what Linux gives it by default. */
  readonly windowBytesMax?: number;
}

export interface SlowLink {
  readonly port: number;
  at(location: string): string;
  close(): Promise<void>;
}

/** As TCP begins, ten segments; it begins again after such a rest. */
const windowBytesStart = 14_600;
const restMs = 1_000;
const queuedBytesMax = 256 * 1024;

export async function slowLink(targetPort: number, options: LinkOptions): Promise<SlowLink> {
  const sockets = new Set<Socket>();
  const lines = { up: new Line(options), down: new Line(options) };
  const server: Server = createServer(
    { pauseOnConnect: true, noDelay: true, allowHalfOpen: true },
    (near) => {
      const far = connect({ port: targetPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', (isBroken) => {
          sockets.delete(socket);
          if (isBroken) setTimeout(() => [near, far].map((each) => each.destroy()), options.roundTripMs);
        });
      }
      // The handshake.
      setTimeout(() => new Way(near, far, lines.up, options), options.roundTripMs);
      new Way(far, near, lines.down, options);
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    at: (location) => location.replace(`127.0.0.1:${targetPort}`, `127.0.0.1:${port}`),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** One direction of the link: bytes of all connections leave one after the other. */
class Line {
  readonly #bytesPerSecond: number;
  #freeMs = 0;

  constructor({ bytesPerSecond = Number.POSITIVE_INFINITY }: LinkOptions) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Milliseconds until so many more bytes have left. */
  leave(bytes: number): number {
    const nowMs = performance.now();
    this.#freeMs = Math.max(this.#freeMs, nowMs) + (bytes / this.#bytesPerSecond) * 1000;
    return this.#freeMs - nowMs;
  }
}

/** One direction of a connection. */
class Way {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #line: Line;
  readonly #tripMs: number;
  readonly #windowMax: number;
  readonly #queue: Buffer[] = [];
  readonly #flying: Buffer[] = [];
  #queued = 0;
  #underWay = 0;
  #window = windowBytesStart;
  #movedMs = performance.now();
  #isOver = false;

  constructor(
    from: Socket,
    to: Socket,
    line: Line,
    { roundTripMs, windowBytesMax = 3 * 1024 * 1024 }: LinkOptions,
  ) {
    this.#from = from;
    this.#to = to;
    this.#line = line;
    this.#tripMs = roundTripMs / 2;
    this.#windowMax = windowBytesMax;
    from.on('data', (bytes) => this.#take(bytes));
    from.once('end', () => {
      this.#isOver = true;
      this.#pump();
    });
    from.resume();
  }

  #take(bytes: Buffer): void {
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    if (this.#queued >= queuedBytesMax) this.#from.pause();
    this.#pump();
  }

  #pump(): void {
    const nowMs = performance.now();
    if (this.#underWay === 0 && nowMs - this.#movedMs > restMs) this.#window = windowBytesStart;
    while (this.#queued > 0 && this.#underWay < this.#window) {
      const head = this.#queue.shift()!;
      const piece = head.subarray(0, this.#window - this.#underWay);
      if (piece.length < head.length) this.#queue.unshift(head.subarray(piece.length));
      this.#queued -= piece.length;
      this.#send(piece);
    }
    this.#movedMs = nowMs;
    if (this.#queued < queuedBytesMax) this.#from.resume();
    if (this.#isOver && this.#queued + this.#underWay === 0) this.#to.end();
  }

  #send(piece: Buffer): void {
    this.#underWay += piece.length;
    const leftMs = this.#line.leave(piece.length);
    this.#flying.push(piece);
    setTimeout(() => this.#arrive(), leftMs + this.#tripMs);
  }

  /** Timers may come in another order; bytes do not. */
  #arrive(): void {
    const piece = this.#flying.shift()!;
    if (!this.#to.destroyed) this.#to.write(piece);
    setTimeout(() => {
      this.#underWay -= piece.length;
      this.#window = Math.min(this.#windowMax, this.#window + piece.length);
      this.#pump();
    }, this.#tripMs);
  }
}
