/** Checks of our own reasoning: when one fails, the program is wrong, not its input. */

export function assert(condition: boolean, because: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${because}`);
}

/** Ends a switch over a union: the compiler proves that no member was forgotten. */
export function assertNever(value: never): never {
  throw new Error(`assertion failed: unexpected ${JSON.stringify(value)}`);
}
