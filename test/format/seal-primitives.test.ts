import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  linkedMakeTag,
  linkedTurn,
  type MakeTag,
  makeTagWithSodium,
  type Turn,
  tagsRight,
  turnsRight,
  turnWithNode,
} from '../../engine/format/seal-primitives.ts';

const bytes = (count: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: count, maxLength: count });
const text = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.nat({ max: 700_000 }).map((n) => Buffer.alloc(n, n)),
);

function needed<Call>(call: Call | undefined): Call {
  if (call === undefined) throw new Error('this Node does not show OpenSSL');
  return call;
}

describe('OpenSSL, called straight', () => {
  it('is to be had from this Node, and knows the known answers, as what stands in for it does', () => {
    expect(turnsRight(needed(linkedTurn()))).toBe(true);
    expect(turnsRight(turnWithNode)).toBe(true);
    expect(tagsRight(needed(linkedMakeTag()))).toBe(true);
    expect(tagsRight(makeTagWithSodium())).toBe(true);
  });

  it('turns over what Node turns over, with either key, from any counter on', () => {
    const turned = (turn: Turn, key: Uint8Array, counter: Uint8Array, from: Uint8Array): Buffer => {
      const to = Buffer.alloc(from.length);
      turn(key, counter, from, to);
      return to;
    };
    const counter = fc.oneof(bytes(16), fc.constant(Buffer.alloc(16, 0xff)));
    fc.assert(
      fc.property(fc.oneof(bytes(16), bytes(32)), counter, text, (key, from, any) => {
        const expected = turned(turnWithNode, key, from, any);
        expect(turned(needed(linkedTurn()), key, from, any).equals(expected)).toBe(true);
      }),
    );
  });

  it('makes the tags that libsodium makes', () => {
    const tagOf = (makeTag: MakeTag, key: Uint8Array, message: Uint8Array): Buffer => {
      const tag = Buffer.alloc(16);
      makeTag(key, message, tag);
      return tag;
    };
    fc.assert(
      fc.property(bytes(32), text, (key, any) => {
        expect(tagOf(needed(linkedMakeTag()), key, any)).toEqual(tagOf(makeTagWithSodium(), key, any));
      }),
    );
  });

  it('refuses keys, counters and places of other lengths, where it would write beside them', () => {
    const turn = needed(linkedTurn());
    const makeTag = needed(linkedMakeTag());
    const of = (count: number): Buffer => Buffer.alloc(count);
    expect(() => turn(of(24), of(16), of(5), of(5))).toThrow('assertion');
    expect(() => turn(of(32), of(15), of(5), of(5))).toThrow('assertion');
    expect(() => turn(of(32), of(16), of(6), of(5))).toThrow('assertion');
    expect(() => makeTag(of(31), of(5), of(16))).toThrow('assertion');
    expect(() => makeTag(of(32), of(5), of(15))).toThrow('assertion');
  });
});
