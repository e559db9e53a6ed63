/**
 * One `rclone serve restic --stdio`: HTTP/2 on its pipes. It is alive as long as it answers pings, whatever its cloud
 * does; once it is not, every request under way fails and its program is ended.
 */
import type { ClientHttp2Session } from 'node:http2';
import { Duplex } from 'node:stream';
import type { CancelSignal, Clock } from '../../base/clock.ts';
import type { Failure } from '../../base/failure.ts';
import { limits } from '../../base/limits.ts';
import { atMost, unlessAborted } from '../child/give-up.ts';
import type { Session } from '../child/kept-session.ts';
import type { Notes } from '../child/notes.ts';
import type { PipedProgram } from '../child/piped-program.ts';
import { SilenceWatch } from '../child/silence-watch.ts';
import { unreachable } from '../http/http-failures.ts';
import type { HttpAnswer, HttpRequest } from '../http/http-request.ts';
import { diagnoseRclone, reasonOfRequest } from './diagnose-rclone.ts';
import { changesSomething, exchange } from './exchange.ts';

export interface RclonePlace {
  readonly location: string;
  readonly notes: Notes;
  readonly clock: Clock;
}

const MiB = 1024 * 1024;
/** How often it is looked whether there are any. */
const wordsEveryMs = 10;
const settings = { initialWindowSize: 4 * MiB, maxFrameSize: MiB, enablePush: false };

export class RcloneSession implements Session {
  readonly #program: PipedProgram;
  readonly #place: RclonePlace;
  readonly #watch: SilenceWatch;
  readonly #pipes: Duplex;
  readonly #http: ClientHttp2Session;
  readonly #ended: Promise<Failure>;
  /** Changes under way, by their path; each resolves when rclone is done with it. */
  readonly #changes = new Map<string, Promise<void>>();
  #broken: Failure | undefined;
  #isPinging = false;

  /** Resolves when it serves. Fails with the reason why it does not. */
  static async open(program: PipedProgram, place: RclonePlace): Promise<RcloneSession> {
    const session = new RcloneSession(program, place);
    const serves = new Promise<boolean>((resolve) => {
      session.#http.once('remoteSettings', () => resolve(true));
    });
    const begun = Promise.race([serves, session.#ended.then(() => true)]);
    if ((await atMost(begun, limits.rcloneStartMsMax, place.clock)) === undefined)
      session.#break('it did not begin to serve in time');
    if (session.#broken === undefined) return session;
    await session.close();
    throw session.#broken;
  }

  private constructor(program: PipedProgram, place: RclonePlace) {
    this.#program = program;
    this.#place = place;
    const silent = (): void => void this.#break('it does not answer any more');
    this.#watch = new SilenceWatch(place.clock, limits.rcloneSilentTicksMax, () => this.#ping(), silent);
    program.output.on('data', () => this.#watch.hear());
    const pipes = Duplex.from({ readable: program.output, writable: program.input });
    // Each pack is a body, and several are under way.
    // Imported, it would load TLS with every start.
    const http = process.getBuiltinModule('node:http2').connect('http://localhost', {
      createConnection: () => pipes,
      settings,
      maxSessionMemory: 512,
    });
    http.on('connect', () => http.setLocalWindowSize(64 * MiB));
    http.on('error', () => this.#lost());
    http.on('close', () => this.#lost());
    this.#http = http;
    this.#pipes = pipes;
    this.#ended = program.ended.then((how) => this.#break(how));
  }

  get isOpen(): boolean {
    return this.#broken === undefined && !this.#http.closed && !this.#http.destroyed;
  }

  /** Any status below 500 is an answer; of the others, rclone's own words make the failure where it said any. */
  async ask(request: HttpRequest): Promise<HttpAnswer> {
    const saidBefore = this.#place.notes.count;
    try {
      const answer = await this.#exchange(request);
      if (answer.status < 500) return answer;
      const reason = await this.#reasonOf(request, saidBefore);
      if (reason !== undefined) throw reason;
      return answer;
    } catch (error) {
      throw await this.#failureOf(error, request);
    }
  }

  /** Its words come through another pipe, and may come after its answer. Undefined where it says nothing. */
  async #reasonOf(request: HttpRequest, saidBefore: number): Promise<Failure | undefined> {
    const { notes, location, clock } = this.#place;
    const name = request.url.pathname.split('/').at(-1) ?? '';
    const endMs = clock.elapsedMs() + limits.programLastWordsMs;
    for (let restMs = 0; ; restMs = wordsEveryMs) {
      await clock.sleep(restMs);
      const lines = notes.since(saidBefore);
      const about = lines.filter((line) => name !== '' && line.includes(name));
      const reason = reasonOfRequest(about.length > 0 ? about : lines, location);
      if (reason !== undefined || clock.elapsedMs() >= endMs) return reason;
    }
  }

  async close(): Promise<void> {
    this.#broken ??= unreachable(this.#place.location, 'ECONNRESET');
    this.#watch.end();
    this.#destroy();
    await this.#program.stop(limits.programStopMs);
  }

  /**
   * rclone writes to the file's own name, and removes it when that fails: two at once, or the end of one that was
   * cancelled, would destroy what another has stored. So changes of a name come one after the other, and whoever reads
   * it, or lists its folder, sees it before or after them.
   */
  async #exchange(request: HttpRequest): Promise<HttpAnswer> {
    const path = request.url.pathname;
    if (path.endsWith('/')) await this.#changesBelow(path, request.signal);
    // Several may wait for the same one: nothing is awaited between the last look and taking the turn.
    for (let over = this.#changes.get(path); over !== undefined; over = this.#changes.get(path))
      await unlessAborted(over, request.signal);
    const { signal } = request;
    signal?.addEventListener('abort', this.#giveUp, { once: true });
    try {
      const { answer, over } = exchange(this.#http, request);
      this.#watch.await();
      if (changesSomething(request)) this.#changes.set(path, over);
      void over.then(() => {
        this.#watch.settle();
        if (this.#changes.get(path) === over) this.#changes.delete(path);
      });
      return await answer.catch((error: unknown) => {
        if (changesSomething(request)) void this.#expectEnd(over);
        throw error;
      });
    } finally {
      signal?.removeEventListener('abort', this.#giveUp);
    }
  }

  /** Whoever gives up while not even a ping is answered has good reason: the next call shall not wait for the same. */
  readonly #giveUp = (): void => {
    if (this.#isPinging && this.#watch.silentTicks > 0) this.#break('it does not answer any more');
  };

  /** Of a change whose caller has gone. */
  async #expectEnd(over: Promise<void>): Promise<void> {
    const isOver = over.then(() => true);
    if ((await atMost(isOver, limits.rcloneCutMsMax, this.#place.clock)) === undefined)
      this.#break('it does not come to an end with what was cancelled');
  }

  async #changesBelow(folder: string, signal: CancelSignal | undefined): Promise<void> {
    const inside = [...this.#changes].filter(([path]) => path.startsWith(folder)).map(([, over]) => over);
    await unlessAborted(Promise.all(inside), signal);
  }

  /** A request that failed with the session tells why the session did. */
  async #failureOf(error: unknown, { signal }: HttpRequest): Promise<unknown> {
    if (signal?.aborted || (this.isOpen && this.#broken === undefined)) return error;
    const why = await atMost(this.#ended, limits.programLastWordsMs, this.#place.clock);
    return this.#broken ?? why ?? error;
  }

  #ping(): void {
    if (this.#isPinging || this.#http.destroyed || this.#http.connecting) return;
    this.#isPinging = this.#http.ping((error) => {
      this.#isPinging = false;
      if (error === null) this.#watch.hear();
    });
  }

  /** The conversation is over. Whether rclone ended or lied is seen a moment later. */
  #lost(): void {
    void atMost(this.#ended, limits.programLastWordsMs, this.#place.clock).then(() =>
      this.#break('it does not speak as rclone does', true),
    );
  }

  /** Node would say goodbye first, and crashes where the pipe is in the middle of a write: without it, all ends by itself. */
  #destroy(): void {
    this.#pipes.destroy();
  }

  #break(how: string, isLie = false): Failure {
    if (this.#broken !== undefined) return this.#broken;
    const { notes, location } = this.#place;
    this.#broken = diagnoseRclone(notes.last, how, isLie, location);
    this.#watch.end();
    this.#destroy();
    void this.#program.stop(0);
    return this.#broken;
  }
}
