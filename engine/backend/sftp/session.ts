/**
 * One conversation with an SFTP server over a program's pipes: requests with numbers, many under way at a time. Every
 * request settles: answered, refused, given up by its caller, or failed with the session, whose program is then ended.
 */
import type { CancelSignal, Clock } from '../../base/clock.ts';
import { Failure } from '../../base/failure.ts';
import { limits } from '../../base/limits.ts';
import { stopIfAborted } from '../call-signal.ts';
import { atMost } from '../child/give-up.ts';
import type { Session } from '../child/kept-session.ts';
import type { PipedProgram } from '../child/piped-program.ts';
import { SilenceWatch } from '../child/silence-watch.ts';
import { PacketStream } from './packet-stream.ts';
import { ask, decodeReply, decodeVersion, type Reply, type ReplyOf, text, u32 } from './packets.ts';
import { Refusal } from './refusal.ts';

interface Waiting {
  settle(reply: Reply): void;
  fail(failure: Failure): void;
}

/** What is known when the program ended or lied: the failure to tell. `how` says in what way. */
export type Diagnose = (how: string, isLie: boolean) => Failure;

export class SftpSession implements Session {
  readonly #program: PipedProgram;
  readonly #diagnose: Diagnose;
  readonly #watch: SilenceWatch;
  readonly #packets = new PacketStream();
  readonly #waiting = new Map<number, Waiting>();
  #hello: ((extensions: ReadonlyMap<string, string>) => void) | undefined;
  #extensions: ReadonlyMap<string, string> = new Map();
  #broken: Failure | undefined;
  #lastId = 0;

  /** Asks the server for its version. Fails with what `diagnose` makes of a program that does not get that far. */
  static async open(program: PipedProgram, diagnose: Diagnose, clock: Clock): Promise<SftpSession> {
    const session = new SftpSession(program, diagnose, clock);
    const greeted = new Promise<true>((resolve) => {
      session.#hello = (extensions) => {
        session.#extensions = extensions;
        resolve(true);
      };
    });
    program.output.on('data', (chunk: Buffer) => session.#take(chunk));
    program.input.write(Buffer.concat([u32(5), Buffer.from([ask.init]), u32(3)]));
    const ended = program.ended.then((how) => session.#break(how, false));
    const begun = await atMost(Promise.race([greeted, ended.then(() => true)]), limits.sshStartMsMax, clock);
    if (begun === undefined) session.#break('it did not answer in time', false);
    if (session.#broken === undefined) return session;
    await session.close();
    throw session.#broken;
  }

  private constructor(program: PipedProgram, diagnose: Diagnose, clock: Clock) {
    this.#program = program;
    this.#diagnose = diagnose;
    const silent = (): void => this.#break('it does not answer any more', false);
    this.#watch = new SilenceWatch(clock, limits.sftpSilentTicksMax, () => undefined, silent);
  }

  get isOpen(): boolean {
    return this.#broken === undefined;
  }

  /** Whether the server offers an extension, in the version that we know. */
  offers(name: string, version: string): boolean {
    return this.#extensions.get(name) === version;
  }

  /**
   * Sends a request and gives its answer, which must be of that type. Fails with `Refusal` where the server says no,
   * with `cancelled` as soon as the signal says so, with what `diagnose` said once the session broke.
   */
  async request<Type extends Reply['type']>(
    want: Type,
    type: number,
    fields: readonly Uint8Array[],
    signal?: CancelSignal,
  ): Promise<ReplyOf<Type>> {
    stopIfAborted(signal);
    if (this.#broken !== undefined) throw this.#broken;
    const reply = await this.#send(type, fields, signal);
    if (reply.type === want && (reply.type !== 'status' || reply.code === 0)) return reply as ReplyOf<Type>;
    if (reply.type === 'status' && reply.code !== 0) throw new Refusal(reply.code);
    this.refuse(`it answered with ${reply.type} where ${want} was due`);
  }

  /** For an answer that no server of the protocol gives: ends the session and fails. */
  refuse(how: string): never {
    this.#break(how, true);
    throw this.#broken;
  }

  async close(): Promise<void> {
    this.#broken ??= new Failure('cancelled');
    this.#failAll(this.#broken);
    await this.#program.stop(limits.programStopMs);
  }

  #send(type: number, fields: readonly Uint8Array[], signal: CancelSignal | undefined): Promise<Reply> {
    this.#lastId = (this.#lastId + 1) >>> 0;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.set(id, late);
        reject(new Failure('cancelled'));
        // Whoever gives up may have good reason: the next call shall not wait for the same silence.
        if (this.#watch.silentTicks > 0) this.#break('it does not answer any more', false);
      };
      const late: Waiting = { settle: (reply) => this.#closeLate(reply), fail: () => undefined };
      const settled = (): void => signal?.removeEventListener('abort', abort);
      const settle = (reply: Reply): void => {
        settled();
        resolve(reply);
      };
      const fail = (failure: Failure): void => {
        settled();
        reject(failure);
      };
      this.#waiting.set(id, { settle, fail });
      this.#watch.await();
      signal?.addEventListener('abort', abort, { once: true });
      this.#write(type, id, fields);
    });
  }

  #write(type: number, id: number, fields: readonly Uint8Array[]): void {
    const length = fields.reduce((sum, field) => sum + field.length, 5);
    const { input } = this.#program;
    input.cork();
    input.write(Buffer.concat([u32(length), Buffer.from([type]), u32(id)]));
    for (const field of fields) input.write(field);
    input.uncork();
  }

  /** The server opened something for a caller who has gone. */
  #closeLate(reply: Reply): void {
    if (reply.type === 'handle')
      void this.#send(ask.close, [text(reply.handle)], undefined).catch(() => undefined);
  }

  #take(chunk: Buffer): void {
    if (this.#broken !== undefined) return;
    this.#watch.hear();
    try {
      for (const packet of this.#packets.push(chunk)) this.#handle(packet);
    } catch (error) {
      this.#break(error instanceof Error ? error.message : String(error), true);
    }
  }

  #handle(packet: Buffer): void {
    if (this.#hello !== undefined) {
      this.#hello(decodeVersion(packet));
      this.#hello = undefined;
      return;
    }
    const { id, reply } = decodeReply(packet);
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) throw new Error('it answered what was not asked');
    this.#waiting.delete(id);
    this.#watch.settle();
    waiting.settle(reply);
  }

  #break(how: string, isLie: boolean): void {
    if (this.#broken !== undefined) return;
    this.#broken = this.#diagnose(how, isLie);
    this.#failAll(this.#broken);
    void this.#program.stop(0);
  }

  #failAll(failure: Failure): void {
    this.#watch.end();
    for (const waiting of this.#waiting.values()) waiting.fail(failure);
    this.#waiting.clear();
  }
}
