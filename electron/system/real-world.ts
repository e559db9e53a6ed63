/** Time and chance of the app: the only place in it that asks the system for them. Used by both composition roots. */
import { randomBytes, randomUUID } from 'node:crypto';

export const realClock = {
  nowMs: (): number => Date.now(),
  after(ms: number, run: () => void): () => void {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export function makeId(): string {
  return randomUUID();
}

/** 256 random bits as hexadecimal digits. */
export function makeSecret(): string {
  return randomBytes(32).toString('hex');
}

/** Without those that are taken for others: a key is copied from paper by hand. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 260 random bits as 13 groups of 4 letters that a person can type. */
export function makeKey(): string {
  const typed = [...randomBytes(52)].map((byte) => letters[byte % letters.length]).join('');
  return typed.match(/.{4}/g)!.join('-');
}
