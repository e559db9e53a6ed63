/** Contents whose ids a test asks for: sets of any size, of lengths that leave any of the lanes with nothing to do. */
import { seededChance } from '../support/fixed-world.ts';

export function manyContents(sets: number): Buffer[][] {
  const chance = seededChance('many contents');
  const bytes = Buffer.from(chance.bytes(20_000));
  const upTo = (max: number): number => Buffer.from(chance.bytes(4)).readUInt32LE() % (max + 1);
  return Array.from({ length: sets }, () =>
    Array.from({ length: upTo(24) }, () =>
      bytes.subarray(upTo(64)).subarray(0, upTo([70, 700, 19_000][upTo(2)]!)),
    ),
  );
}
