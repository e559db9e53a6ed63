/**
 * A thread that walks ahead (`look-skill.ts`). Most of the time of a walk goes into the system's answers about items: in a
 * large tree that was backed up before, the thread asks for them, and the walk compares. Used by `folder-looks.ts`.
 */
import type { ByteString } from '../base/byte-string.ts';
import type { Compute, Crew } from '../compute/crew.ts';
import type { ExcludePlan } from '../source/exclude.ts';
import type { SourceFiles } from '../source/source-files.ts';
import { planTargets, wantedItems } from '../source/targets.ts';
import { type FolderPart, type LookTerms, lookSkill } from './look-skill.ts';

/** A part that the thread has told; the last one of a message says so once it is used. */
interface ToldPart {
  readonly part: FolderPart;
  readonly used?: () => void;
}

/** What is walked through: targets that are there, as they were given, and the rules. */
export interface WalkPlan {
  readonly targets: readonly ByteString[];
  readonly cwd: ByteString;
  readonly excludes: ExcludePlan;
}

export class LookAhead {
  #crew: Crew<LookTerms> | undefined;
  /** A thread walks once, from the beginning. */
  #mayBegin = true;
  #told: ToldPart[] = [];
  #whenTold: (() => void) | undefined;

  /**
   * The thread begins, where this machine may have one for it, and before the walk itself does. Never fails: what is wrong,
   * the walk meets and tells.
   */
  begin(compute: Compute, files: Pick<SourceFiles, 'names'>, { targets, cwd, excludes }: WalkPlan): void {
    if (!this.#mayBegin || compute.handsMax < 2 || targets.length === 0) return;
    this.#mayBegin = false;
    try {
      const root = planTargets(targets, { cwd, listFolder: (path) => files.names(path) });
      this.#hire(compute, { targets: wantedItems(root), excludes });
    } catch {
      // It is a walk of one thread, then.
    }
  }

  /** What is told next, if it is of this folder; else nobody listens any more. */
  async next(folder: ByteString): Promise<FolderPart | undefined> {
    while (this.#told.length === 0 && this.#crew !== undefined) {
      await new Promise<void>((resolve) => {
        this.#whenTold = resolve;
      });
    }
    const next = this.#told.shift();
    if (next === undefined) return undefined;
    next.used?.();
    if (next.part.folder === folder) return next.part;
    await this.close();
    return undefined;
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    this.#mayBegin = false;
    this.#told = [];
    const crew = this.#crew;
    this.#crew = undefined;
    this.#wake();
    await crew?.close();
  }

  #hire(compute: Compute, request: LookTerms['request']): void {
    const crew = compute.hire(lookSkill, undefined, (parts, reply) => {
      if (this.#crew !== crew) return;
      const last = parts.length - 1;
      for (const [at, part] of parts.entries())
        this.#told.push(at === last ? { part, used: () => reply(undefined) } : { part });
      this.#wake();
    });
    this.#crew = crew;
    const end = async (): Promise<void> => {
      if (this.#crew === crew) this.#crew = undefined;
      this.#wake();
      await crew.close();
    };
    crew.ask(request).then(end, end);
  }

  #wake(): void {
    this.#whenTold?.();
    this.#whenTold = undefined;
  }
}
