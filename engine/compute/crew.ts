/**
 * Work that is done beside the orchestrating thread. A skill says what one hand can do; a crew is some hands with the
 * same skill, each a thread of its own (`pool.ts`), or one within the caller's thread (`inline-compute.ts`), which
 * tests and the simulator use. Everything that passes between a hand and its caller is plain data.
 */
import type { Chance } from '../base/chance.ts';
import type { Clock } from '../base/clock.ts';
import type { SourceFiles } from '../source/source-files.ts';

/** What a hand has of the outside: a thread has the real ones, a test hands in its own. */
export interface HandWorld {
  readonly chance: Chance;
  readonly clock: Clock;
  readonly files: SourceFiles;
}

/** The types of all that passes between a hand and its caller. */
export interface Terms {
  /** Given once, at the beginning; keys are in it. */
  readonly setup: unknown;
  readonly request: unknown;
  readonly answer: unknown;
  /** What a hand tells while it works. */
  readonly news: unknown;
  /** What the caller says to a hand while it works. */
  readonly word: unknown;
}

/** Memory that changes hands instead of being copied: whoever gave it cannot use it any more. */
export type Transfer = readonly ArrayBuffer[];

export interface Done<Answer> {
  readonly answer: Answer;
  readonly transfer?: Transfer;
}

/** One hand at work. It does one request at a time, in the order in which they were asked. */
export interface Duty<T extends Terms> {
  work(request: T['request']): Done<T['answer']> | Promise<Done<T['answer']>>;
  /** Heard whenever the hand is not busy with a synchronous piece of work. */
  hear(word: T['word']): void;
}

export interface Skill<T extends Terms> {
  /** By which a thread finds it in its list (`worker/skills.ts`). */
  readonly name: string;
  /** See `limits.threadYoungHalfMiB`: a power of two. */
  readonly youngHalfMiB?: number;
  /** See `limits.heapGarbagePercent`: of all heaps, from when such a hand begins. */
  readonly heapGarbagePercent?: number;
  /** More hands than that are of no use. */
  readonly handsMax?: number;
  /** The caller's thread is one of the hands (`Compute.hireHere`): where there may be several, one fewer is hired. */
  readonly callerHelps?: boolean;
  /** Loads all that is native and belongs to this skill, before anything else is done in a thread. */
  prepare?(): void;
  begin(setup: T['setup'], world: HandWorld, tell: (news: T['news'], transfer?: Transfer) => void): Duty<T>;
}

// biome-ignore lint/suspicious/noExplicitAny: what a list of skills can hold, whatever their terms are.
export type AnySkill = Skill<any>;

/** How many hands of a skill are hired at most, where there may be `handsMax`. */
export function hiredMax({ callerHelps, handsMax: usefulMax }: AnySkill, handsMax: number): number {
  const hired = callerHelps ? Math.max(1, handsMax - 1) : handsMax;
  return Math.min(hired, usefulMax ?? hired);
}

/** Hears what hands tell; `reply` says something to the hand that told it. */
export type NewsListener<T extends Terms> = (
  news: T['news'],
  reply: (word: T['word'], transfer?: Transfer) => void,
) => void;

export interface Crew<T extends Terms> {
  /**
   * Done by whichever hand is free first. Fails with what the work failed with (`Failure`s stay what they are), and
   * for ever once a hand died.
   */
  ask(request: T['request'], transfer?: Transfer): Promise<T['answer']>;
  /** Asks every hand that has begun, after all that it was asked before. */
  askEach(request: T['request']): Promise<T['answer'][]>;
  /** Says something to every hand that has begun. */
  tellEach(word: T['word']): void;
  /** From now on, so many hands may have begun, but never more than when the crew was hired. */
  limitTo(handsMax: number): void;
  /** Ends all hands at once, whatever they do; what is still asked is refused with the reason, else `cancelled`. */
  close(reason?: unknown): Promise<void>;
}

export interface Compute {
  /** How many hands a crew has at most. More requests than twice as many at a time only wait. */
  readonly handsMax: number;
  /** From now on, crews that are hired have so many hands at most. */
  limitTo(handsMax: number): void;
  /** The next crew of this skill is soon hired: its hands can begin sooner. */
  makeReady(skill: AnySkill): void;
  /** Resolves when no hand is beginning: while one is, the process must not end. */
  begun(): Promise<void>;
  /** Hands begin when there is work for them: a crew that is never asked costs nothing. */
  hire<T extends Terms>(skill: Skill<T>, setup: T['setup'], onNews?: NewsListener<T>): Crew<T>;
  /** A crew of one hand in the caller's thread: for what is done sooner than a thread begins. */
  hireHere<T extends Terms>(skill: Skill<T>, setup: T['setup'], onNews?: NewsListener<T>): Crew<T>;
}
