/**
 * The way of one process to the store: requests take time, and each may meet a fault. What is carried out is carried out
 * whether or not anybody still waits for the answer.
 */
import type { Backend, ByteRange, FileName, FileType, StoredFile } from '../../../engine/backend/backend.ts';
import type { CallSignal } from '../../../engine/backend/call-signal.ts';
import { damaged, Failure } from '../../../engine/base/failure.ts';
import type { Dice } from '../locks/virtual-time.ts';
import type { RequestFault } from './chaos.ts';
import type { Scene } from './scene.ts';
import { never, type SimProcess } from './sim-process.ts';

type Kind = 'save' | 'load' | 'stat' | 'remove' | 'list';

interface Ask<Answer> {
  readonly kind: Kind;
  readonly file: FileName;
  readonly signal: CallSignal | undefined;
  readonly sizeBytes?: number;
  /** What the store does. */
  work(fault: RequestFault | undefined): Answer;
  /** The answer has arrived; or what it failed with, where the store said so. */
  heard?(answer: Answer | undefined): void;
}

export class SimLink implements Backend {
  readonly location = 'the simulated store';
  readonly connectionsMax = 2;
  readonly listLagFloorMs: number;
  readonly folder?: string;
  readonly #scene: Scene;
  readonly #process: SimProcess;

  constructor(scene: Scene, process: SimProcess) {
    this.#scene = scene;
    this.#process = process;
    this.listLagFloorMs = scene.chaos.lagMs;
    if (scene.chaos.isNear) this.folder = '/vault';
  }

  async create(): Promise<void> {}
  async close(): Promise<void> {}

  async save(file: FileName, parts: readonly Uint8Array[], signal?: CallSignal): Promise<void> {
    const { store, time, watch } = this.#scene;
    const bytes = Uint8Array.from(Buffer.concat(parts));
    const { type, name } = file;
    watch.sending(type, name, bytes);
    const work = (fault: RequestFault | undefined): void => {
      const isCut = fault === 'cut-off' && bytes.length > 1;
      if (fault === 'false-answer' || isCut) store.neverHad.add(`${type}/${name}`);
      if (fault === 'false-answer') return;
      store.put(type, name, isCut ? bytes.subarray(0, bytes.length >> 1) : bytes, time.nowMs, 'ours');
    };
    const heard = (): void => watch.acknowledged(type, name, bytes);
    await this.#ask({ kind: 'save', file, signal, sizeBytes: bytes.length, work, heard });
  }

  async load(file: FileName, range?: ByteRange, signal?: CallSignal): Promise<Uint8Array> {
    const heard = (bytes: Uint8Array | undefined): void => this.#scene.watch.asked(file, bytes?.length);
    const work = (fault: RequestFault | undefined): Uint8Array => {
      const bytes = this.#find(file);
      const { offset, length } = range ?? { offset: 0, length: bytes.length };
      if (offset + length > bytes.length) throw damaged(file.type, file.name, 'it is too short');
      const end = fault === 'cut-off' && range === undefined ? length >> 1 : length;
      return Uint8Array.from(bytes.subarray(offset, offset + end));
    };
    return await this.#ask({ kind: 'load', file, signal, work, ...(range === undefined ? { heard } : {}) });
  }

  async stat(file: FileName, signal?: CallSignal): Promise<number> {
    const heard = (size: number | undefined): void => this.#scene.watch.asked(file, size);
    return await this.#ask({ kind: 'stat', file, signal, work: () => this.#find(file).length, heard });
  }

  async remove(file: FileName, signal?: CallSignal): Promise<void> {
    const { store, time, watch } = this.#scene;
    watch.removing(file);
    const work = (): void => store.remove(file.type, file.name, time.nowMs, 'ours');
    await this.#ask({ kind: 'remove', file, signal, work });
  }

  async *list(type: FileType, signal?: CallSignal): AsyncGenerator<StoredFile> {
    const { store, time, watch } = this.#scene;
    const work = (): StoredFile[] => {
      if (type === 'index') watch.takenSince.clear();
      return store.list(type, time.nowMs);
    };
    yield* await this.#ask({ kind: 'list', file: { type, name: '' }, signal, work });
  }

  #find({ type, name }: FileName): Uint8Array {
    const bytes = this.#scene.store.get(type, name);
    if (bytes === undefined) throw new Failure('not-found', { what: type, id: name });
    return bytes;
  }

  #ask<Answer>(ask: Ask<Answer>): Promise<Answer> {
    const { dice, time, chaos } = this.#scene;
    const process = this.#process;
    const { kind, file, signal } = ask;
    if (!process.lives(`before ${kind} ${file.type}`)) return never();
    if (signal?.aborted) return Promise.reject(new Failure('cancelled'));
    const fault = this.#scene.drawFault(kind, file.type);
    const isSlow = kind === 'save' && file.type === 'pack' && chaos.packMs > 0;
    const outMs = chaos.latencyMs * dice.between(0.3, 1) + (isSlow ? dice.between(0, chaos.packMs) : 0);
    const { naps } = process;
    return new Promise<Answer>((resolve, reject) => {
      let isOver = false;
      const end = (): void => {
        isOver = true;
        signal?.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        end();
        reject(new Failure('cancelled'));
      };
      signal?.addEventListener('abort', abort, { once: true });
      const answer = (run: () => void): void =>
        process.after(chaos.latencyMs * dice.between(0.3, 1), () => {
          if (isOver || !process.lives(`after ${kind} ${file.type}`)) return;
          end();
          // A connection seldom outlives a sleep.
          if (naps !== process.naps && !chaos.isNear && dice.isLucky(0.7)) reject(unreachable());
          else run();
        });
      if (isSlow) this.#move(ask, outMs, () => isOver);
      time.at(time.nowMs + outMs, () => {
        // Nobody waits any more: it may be on its way still.
        const isLeft = isOver || process.isDead || (process.isAsleep && !chaos.isNear);
        if (isLeft && (dice.isLucky(0.5) || (isOver && file.type === 'lock'))) return;
        this.#arrive(ask, fault, { answer, resolve, reject });
      });
    });
  }

  /** Bytes move, so that nobody takes it for silence. */
  #move(
    { signal, sizeBytes = 0 }: Pick<Ask<unknown>, 'signal' | 'sizeBytes'>,
    ms: number,
    isOver: () => boolean,
  ): void {
    if (ms < 2_000 || isOver()) return;
    this.#process.after(2_000, () => {
      if (!isOver()) void signal?.onProgress?.(Math.ceil((sizeBytes * 2_000) / ms), 'up');
      this.#move({ signal, sizeBytes }, ms - 2_000, isOver);
    });
  }

  #arrive<Answer>(ask: Ask<Answer>, fault: RequestFault | undefined, replies: Replies<Answer>): void {
    const outage = this.#scene.outageNow();
    if (outage !== undefined) this.#fail(ask, outage.isSilent ? 'silence' : 'reset', replies, true);
    else if (fault === undefined || fault === 'false-answer' || fault === 'cut-off')
      serve(ask, fault, replies);
    else this.#fail(ask, fault, replies);
  }

  /** `isCut`: nothing arrives at all. */
  #fail<Answer>(
    { work }: Ask<Answer>,
    fault: RequestFault,
    { answer, reject }: Replies<Answer>,
    isCut = false,
  ): void {
    const { dice, time, chaos } = this.#scene;
    const quietly = (): void => {
      try {
        work(undefined);
      } catch {
        // Nobody hears of it.
      }
    };
    if (!isCut && (fault === 'lost-answer' || (fault === 'silence' && dice.isLucky(0.5)))) quietly();
    if (fault === 'late') time.at(time.nowMs + dice.between(1_000, 600_000), quietly);
    if (fault === 'silence' || (fault === 'late' && dice.isLucky(0.5))) return;
    const failure = chaos.isNear && fault === 'reset' ? diskFailed() : failureOf(fault, dice);
    answer(() => reject(failure));
  }
}

function serve<Answer>(
  { kind, work, heard }: Ask<Answer>,
  fault: RequestFault | undefined,
  { answer, resolve, reject }: Replies<Answer>,
): void {
  try {
    const result = work(fault);
    answer(() => {
      heard?.(result);
      resolve(result);
    });
  } catch (error) {
    answer(() => {
      if (kind !== 'save') heard?.(undefined);
      reject(error);
    });
  }
}

function failureOf(fault: RequestFault, dice: Dice): Failure {
  switch (fault) {
    case 'busy':
      return busy(dice.isLucky(0.5) ? dice.between(1_000, 120_000) : undefined);
    case 'portal':
      return new Failure('not-the-store', { why: 'it answers with a page' }, { next: 'later' });
    case 'refused':
      return new Failure('login-refused', { status: 401 });
    case 'full':
      return new Failure('no-space', { operation: 'write' }, { next: 'later' });
    default:
      return unreachable();
  }
}

function diskFailed(): Failure {
  return new Failure('io', { errno: 'EIO' }, { next: 'now' });
}

interface Replies<Answer> {
  answer(run: () => void): void;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

function unreachable(): Failure {
  return new Failure('store-unreachable', { errno: 'ECONNRESET' }, { next: 'now' });
}

function busy(retryAfterMs: number | undefined): Failure {
  const detail = retryAfterMs === undefined ? { status: 503 } : { status: 503, retryAfterMs };
  return new Failure('store-busy', detail, { next: 'later' });
}
