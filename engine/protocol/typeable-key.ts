/** The key of a new vault as a person can type it from paper: one spelling for the app and the command line. Pure. */

/** Crockford's letters: none that is taken for another. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const lettersInGroup = 4;

/** Of so many random bytes it is made. */
export const typeableKeyBytes = 32;

/** 256 random bits as 13 groups of 4 letters. */
export function typeableKey(random: Uint8Array): string {
  if (random.length !== typeableKeyBytes) throw new RangeError('a key is made of 32 random bytes');
  const bits = [...random].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const typed = bits.match(/.{1,5}/g)!.map((five) => letters[Number.parseInt(five.padEnd(5, '0'), 2)]!);
  const groups: string[] = [];
  for (let at = 0; at < typed.length; at += lettersInGroup)
    groups.push(typed.slice(at, at + lettersInGroup).join(''));
  return groups.join('-');
}
