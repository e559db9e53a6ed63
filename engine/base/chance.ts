/** Randomness as a value that is handed in; the real one is the system's generator for secrets. */
export interface Chance {
  /** `count` fresh unpredictable bytes. */
  bytes(count: number): Uint8Array;
}
