/** Who of this machine works in a vault and who waits for it: plain data that processes share and the window can show. */

/** A process of ours that wants a vault, or has it. */
export interface QueueEntry {
  /** 32 hex digits. */
  readonly ticket: string;
  readonly hostname: string;
  readonly pid: number;
  /** Since when that process runs; undefined where the system does not say. */
  readonly processSinceMs?: number;
  readonly work: 'backup' | 'maintenance';
  /** For people; maintenance of the same label is the same work. */
  readonly label: string;
  readonly exclusive: boolean;
  readonly askedMs: number;
  /** Not there while it waits; wall time, like the others. */
  readonly startedMs?: number;
  /** It is over, and remembered for a while. */
  readonly endedMs?: number;
}
