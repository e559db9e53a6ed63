/** Every skill that a thread can have. */
import type { AnySkill } from '../compute/crew.ts';

/** By its name, a list that one can read: a skill that is not in it is none. A thread loads what its own one needs. */
export const skills: Readonly<Record<string, () => Promise<AnySkill>>> = {
  store: async () => (await import('../compute/store-skill.ts')).storeSkill,
  prove: async () => (await import('../compute/prove-skill.ts')).proveSkill,
  look: async () => (await import('../job/look-skill.ts')).lookSkill,
  fill: async () => (await import('../job/restore-skill.ts')).fillSkill,
};
