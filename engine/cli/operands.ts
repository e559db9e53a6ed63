/** Checks what a command is given besides options. */
import { type ByteString, toText } from '../base/byte-string.ts';
import { Failure } from '../base/failure.ts';

/** Fails with `usage` where there are more operands than the command takes. */
export function takeAtMost(operands: readonly ByteString[], most: number): void {
  const extra = operands[most];
  if (extra === undefined) return;
  throw new Failure('usage', { why: `"${toText(extra)}" is one argument too many.` });
}

/** The operand as text. Fails with `usage` where it is missing; `what` says what it would be. */
export function required(operands: readonly ByteString[], index: number, what: string): string {
  const operand = operands[index];
  if (operand === undefined) throw new Failure('usage', { why: `${what} is missing.` });
  return toText(operand);
}
