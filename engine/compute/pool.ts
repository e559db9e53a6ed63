/**
 * Crews of threads. A thread runs `worker/thread.ts`, is told its skill and its settings (keys among them) as values,
 * and lives as long as its crew. When one dies, all that its crew was asked fails: nobody waits for ever.
 */
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { Failure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { keepAllocatorLean } from '../system/allocator.ts';
import { type CarriedError, unpackError } from './carry-error.ts';
import {
  type AnySkill,
  type Compute,
  type Crew,
  type HandWorld,
  hiredMax,
  type NewsListener,
  type Terms,
  type Transfer,
} from './crew.ts';
import { inlineCompute } from './inline-compute.ts';

export interface ThreadSettings {
  /** The module that a thread runs. */
  readonly entry: URL;
  readonly threadsMax: number;
  /** For hands that are no threads. */
  readonly here: HandWorld;
}

/** What a thread is given to begin with: the name of its skill. Its settings come when it has work. */
export type ThreadStart = string;

export type ToThread =
  | { readonly kind: 'begin'; readonly setup: unknown }
  | { readonly kind: 'ask'; readonly number: number; readonly request: unknown }
  | { readonly kind: 'word'; readonly word: unknown };

export type FromThread =
  | { readonly kind: 'begun' }
  | { readonly kind: 'answer'; readonly number: number; readonly answer: unknown }
  | { readonly kind: 'refusal'; readonly number: number; readonly error: CarriedError }
  | { readonly kind: 'news'; readonly news: unknown };

export function threadCompute({ entry, threadsMax, here }: ThreadSettings): Compute {
  let handsMax = threadsMax;
  const threads = new Threads(entry);
  const handsOf = (skill: AnySkill): number => hiredMax(skill, handsMax);
  return {
    get handsMax() {
      return handsMax;
    },
    limitTo(count) {
      handsMax = count;
    },
    makeReady: (skill) => threads.makeReady(skill, handsOf(skill)),
    begun: async () => await threads.begun(),
    hire: (skill, setup, onNews) => new ThreadCrew(() => threads.take(skill), handsOf(skill), setup, onNews),
    hireHere: inlineCompute(here).hireHere,
  };
}

interface StartedThread {
  readonly skill: ThreadStart;
  readonly worker: Worker;
  /** When it has loaded what is native, or has died. */
  readonly begun: Promise<void>;
}

/**
 * A native part that meets the end of its thread while it is loaded cannot tell its error to anybody, and Node ends the
 * whole process for that: in one of a hundred backups that were cancelled as they began, with the lock left behind.
 */
async function endThread({ worker, begun }: StartedThread): Promise<void> {
  await begun;
  await worker.terminate();
}

/** A thread is given nothing of what the process was given, but where Node keeps what it has compiled. */
function threadEnvironment(): NodeJS.ProcessEnv {
  // It has a folder in there for each of its versions.
  const compiled = getCompileCacheDir();
  return compiled === undefined ? {} : { NODE_COMPILE_CACHE: dirname(compiled) };
}

/** Starts threads. The ready ones have loaded what they need, and know nothing yet; they keep no process from its end. */
class Threads {
  readonly #entry: URL;
  readonly #beginning = new Set<StartedThread>();
  #ready: StartedThread[] = [];

  constructor(entry: URL) {
    this.#entry = entry;
  }

  makeReady(skill: AnySkill, count: number): void {
    while (this.#ready.length < count) {
      const thread = this.#start(skill);
      this.#ready.push(thread);
      thread.worker.unref();
      // One that is not hired yet is missed by nobody.
      const forget = (): void => {
        this.#ready = this.#ready.filter((each) => each !== thread);
      };
      thread.worker.on('error', forget).on('exit', forget);
    }
  }

  take(skill: AnySkill): StartedThread {
    const thread = this.#ready.find((each) => each.skill === skill.name);
    if (thread === undefined) return this.#start(skill);
    this.#ready = this.#ready.filter((each) => each !== thread);
    thread.worker.ref();
    return thread;
  }

  async begun(): Promise<void> {
    for (const { worker } of this.#beginning) worker.ref();
    await Promise.all([...this.#beginning].map(({ begun }) => begun));
  }

  #start(skill: AnySkill): StartedThread {
    const {
      name,
      youngHalfMiB = limits.threadYoungHalfMiB,
      heapGarbagePercent = limits.heapGarbagePercent,
    } = skill;
    keepAllocatorLean();
    setFlagsFromString(`--heap-growing-percent=${heapGarbagePercent}`);
    // V8 looks at it when it makes the heap of the thread.
    setFlagsFromString(`--min-semi-space-size=${youngHalfMiB}`);
    const resourceLimits = {
      // Its own measure: the two halves, and as much again as one of them for what is large.
      maxYoungGenerationSizeMb: 3 * youngHalfMiB,
      maxOldGenerationSizeMb: limits.threadOldHeapMiB,
    };
    const workerData: ThreadStart = name;
    const worker = new Worker(this.#entry, {
      workerData,
      resourceLimits,
      argv: [],
      env: threadEnvironment(),
    });
    const begun = new Promise<void>((resolve) => {
      // It says this before anything else.
      worker.once('message', () => resolve()).once('exit', () => resolve());
    });
    const thread: StartedThread = { skill: name, worker, begun };
    this.#beginning.add(thread);
    void begun.then(() => this.#beginning.delete(thread));
    return thread;
  }
}

/** What is asked of a thread, until it is settled. */
interface Asked {
  readonly request: unknown;
  readonly transfer: Transfer;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

interface Thread extends StartedThread {
  readonly asked: Map<number, Asked>;
}

/** One that is done, and the next ones, so that a thread never waits for a message. */
const askedMax = 3;

class ThreadCrew<T extends Terms> implements Crew<T> {
  readonly #threads: Thread[] = [];
  readonly #waiting: Asked[] = [];
  readonly #hire: () => StartedThread;
  readonly #threadsMax: number;
  #limit: number;
  readonly #onNews: NewsListener<T> | undefined;
  #asks = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(
    start: () => StartedThread,
    threadsMax: number,
    setup: T['setup'],
    onNews: NewsListener<T> | undefined,
  ) {
    this.#threadsMax = threadsMax;
    this.#limit = threadsMax;
    this.#onNews = onNews;
    this.#hire = () => {
      const started = start();
      started.worker.postMessage({ kind: 'begin', setup } satisfies ToThread);
      return started;
    };
  }

  ask(request: T['request'], transfer: Transfer = []): Promise<T['answer']> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure.error);
      this.#waiting.push({ request, transfer, resolve, reject });
      this.#assign();
    });
  }

  async askEach(request: T['request']): Promise<T['answer'][]> {
    if (this.#failure !== undefined) throw this.#failure.error;
    const asked = this.#threads.map(
      (thread) =>
        new Promise<T['answer']>((resolve, reject) =>
          this.#post(thread, { request, transfer: [], resolve, reject }),
        ),
    );
    return await Promise.all(asked);
  }

  tellEach(word: T['word']): void {
    for (const { worker } of this.#threads) worker.postMessage({ kind: 'word', word } satisfies ToThread);
  }

  limitTo(handsMax: number): void {
    this.#limit = Math.min(handsMax, this.#threadsMax);
    this.#assign();
  }

  async close(reason: unknown = new Failure('cancelled')): Promise<void> {
    this.#fail(reason);
    await Promise.all(this.#threads.map(endThread));
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#freest();
      if (thread === undefined) return;
      this.#post(thread, this.#waiting.shift()!);
    }
  }

  /** A thread that does nothing; else a new one; else the one that has least to do, unless it has enough. */
  #freest(): Thread | undefined {
    let freest: Thread | undefined;
    for (const thread of this.#threads) {
      if (freest === undefined || thread.asked.size < freest.asked.size) freest = thread;
    }
    if (freest !== undefined && freest.asked.size === 0) return freest;
    if (this.#threads.length < this.#limit) return this.#addThread();
    return freest !== undefined && freest.asked.size < askedMax ? freest : undefined;
  }

  #addThread(): Thread {
    const thread: Thread = { ...this.#hire(), asked: new Map() };
    const { worker } = thread;
    this.#threads.push(thread);
    worker.on('message', (message: FromThread) => this.#hear(thread, message));
    worker.on('messageerror', (error) => this.#fail(error));
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', (code) => this.#fail(new Error(`a compute thread ended by itself, with code ${code}`)));
    return thread;
  }

  #post(thread: Thread, asked: Asked): void {
    const number = ++this.#asks;
    thread.asked.set(number, asked);
    try {
      const message: ToThread = { kind: 'ask', number, request: asked.request };
      thread.worker.postMessage(message, asked.transfer);
    } catch (error) {
      thread.asked.delete(number);
      asked.reject(error);
    }
  }

  #hear(thread: Thread, message: FromThread): void {
    if (this.#failure !== undefined || message.kind === 'begun') return;
    if (message.kind === 'news') {
      this.#onNews?.(message.news, (word, transfer = []) =>
        thread.worker.postMessage({ kind: 'word', word } satisfies ToThread, transfer),
      );
      return;
    }
    const asked = thread.asked.get(message.number);
    thread.asked.delete(message.number);
    this.#assign();
    if (message.kind === 'answer') asked?.resolve(message.answer);
    else asked?.reject(unpackError(message.error));
  }

  /** The first reason counts; every thread ends. */
  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    const refused = [...this.#waiting, ...this.#threads.flatMap(({ asked }) => [...asked.values()])];
    this.#waiting.length = 0;
    for (const thread of this.#threads) {
      thread.asked.clear();
      void endThread(thread);
    }
    for (const { reject } of refused) reject(error);
  }
}
