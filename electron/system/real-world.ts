/** Time and chance of the app: the only place in it that asks the system for them. Used by both composition roots. */
import { randomBytes, randomUUID } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { typeableKey, typeableKeyBytes } from '../../engine/protocol/typeable-key.ts';

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

export function makeKey(): string {
  return typeableKey(randomBytes(typeableKeyBytes));
}

/** Of this machine, without loopback. */
export function networkAddresses(): string[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.filter(({ internal }) => !internal).map(({ address }) => `${name} ${address}`),
  );
}
