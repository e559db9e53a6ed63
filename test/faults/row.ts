/** A row of the table: a fault, how both are run with it, and what ours owes. */
import type { RestServer, RestServerOptions } from '../support/rest-server.ts';
import type { Running } from './contestant.ts';
import type { FaultProxy } from './proxy/fault-proxy.ts';
import type { Plan } from './proxy/plan.ts';

/** Everything around one contestant in one row. */
export interface Stage {
  readonly name: 'ours' | 'restic';
  /** The folder of the repository. */
  readonly repository: string;
  readonly running: Running;
  readonly server: RestServer;
  readonly proxy: FaultProxy;
}

/**
 * What ours owes. `saved`: the backup ends well by itself. `waits`: it says why it waits, ends in order when it is
 * told to, and the next run saves. `killed`: the next run saves, sends nothing again and leaves no lock behind.
 */
export type Owed = 'saved' | 'waits' | 'killed';

export interface Row {
  /** Its number in the measurements of restic. */
  readonly name: string;
  readonly fault: string;
  readonly owed: Owed;
  readonly server?: RestServerOptions;
  /** Made anew for each contestant. */
  readonly plan?: () => Plan;
  /** Done while the backup runs. */
  readonly during?: (stage: Stage) => Promise<void>;
  /** After this it is told to stop; what waits for ever, so long after the fault began. */
  readonly msMax?: number;
  /** For both, before the command's. */
  readonly args?: readonly string[];
  readonly resticArgs?: readonly string[];
  /** Why restic is not run here. */
  readonly withoutRestic?: string;
  /** Behind the rclone program and no proxy: what is sent cannot be counted there. */
  readonly isRclone?: boolean;
  /** How far the clock goes on at each waking; half an hour where nothing is said. */
  readonly sleptMinutes?: number;
  /** Takes many minutes: run only where it is named. */
  readonly isLong?: boolean;
  /** Others remove what the store had taken: it has to be sent again. */
  readonly isPruned?: boolean;
  /** A dead connection must be noticed within so long: the struck request is made again by then. */
  readonly noticedMsMax?: number;
  /** Whatever else must hold; the complaint where it does not. */
  readonly alsoOwed?: (stage: Stage) => string | undefined;
}
