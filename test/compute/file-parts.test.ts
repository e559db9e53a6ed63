import { describe, expect, it } from 'vitest';
import { joinParts, type PartOutcome, partCount, placeOfPart } from '../../engine/compute/file-parts.ts';
import type { Item } from '../../engine/source/item.ts';

const known = { mtimeNs: 1n, ctimeNs: 1n, inode: 7n, sizeBytes: 300 } as Item;
const later = { ...known, mtimeNs: 2n, ctimeNs: 2n };

function part(begin: number, end: number, change: Partial<PartOutcome> = {}): PartOutcome {
  const sizeBytes = Math.min(end, 300) - begin;
  const content = [`${begin}`];
  return {
    sizeBytes,
    content,
    newBlobs: 1,
    addedBytes: 10,
    addedPackedBytes: 5,
    place: { begin, end },
    ...change,
  };
}

const none = { sizeBytes: 0, content: [], newBlobs: 0, addedBytes: 0, addedPackedBytes: 0 };
const toTheEnd = Number.POSITIVE_INFINITY;

describe('the parts of a file', () => {
  it('are as many as there are whole ones in it', () => {
    expect([0, 99, 199, 200, 299, 1_000].map((bytes) => partCount(bytes, 100))).toEqual([1, 1, 1, 2, 2, 10]);
  });

  it('lie between sure cuts, and one where none was found belongs to the one before', () => {
    const cuts = new Map([
      [100, 111],
      [300, 303],
    ]);
    const places = [0, 1, 2, 3].map((number) =>
      placeOfPart({ number, count: 4, partBytes: 100 }, (after) => cuts.get(after)),
    );
    expect(places).toEqual([
      { begin: 0, end: 111 },
      { begin: 111, end: 303 },
      undefined,
      { begin: 303, end: toTheEnd },
    ]);
  });

  it('are the file, where they follow one another', () => {
    expect(joinParts([part(0, 120), none, part(120, toTheEnd)], known)).toEqual({
      sizeBytes: 300,
      content: ['0', '120'],
      newBlobs: 2,
      addedBytes: 20,
      addedPackedBytes: 10,
    });
  });

  it('are no file where one of them begins or ends elsewhere, or is missing, or is of another file', () => {
    expect(joinParts([part(0, 120), part(130, toTheEnd)], known)).toBeUndefined();
    expect(joinParts([part(0, 120), part(110, toTheEnd)], known)).toBeUndefined();
    expect(joinParts([part(0, 120, { sizeBytes: 100 }), part(120, toTheEnd)], known)).toBeUndefined();
    expect(joinParts([part(0, 120), none], known)).toBeUndefined();
    expect(
      joinParts([none, part(0, toTheEnd, { place: { begin: 5, end: toTheEnd } })], known),
    ).toBeUndefined();
    const replaced = { ...later, inode: 8n };
    expect(joinParts([part(0, 120), part(120, toTheEnd, { item: replaced })], known)).toBeUndefined();
    expect(joinParts([part(0, 120, { item: replaced }), part(120, toTheEnd)], known)).toBeUndefined();
  });

  it('tell that it changed, where one of them was read of a later state', () => {
    expect(joinParts([part(0, 120), part(120, toTheEnd, { item: later })], known)).toMatchObject({
      changed: true,
    });
    expect(joinParts([part(0, 120, { changed: true }), part(120, toTheEnd)], known)).toMatchObject({
      changed: true,
    });
    const all = joinParts([part(0, 120, { item: later }), part(120, toTheEnd, { item: later })], known);
    expect(all).toMatchObject({ item: later });
    expect(all).not.toHaveProperty('changed');
  });

  it('fail as one of them failed', () => {
    const error = { ...none, error: { kind: 'failure' } } as unknown as PartOutcome;
    expect(joinParts([part(0, 120), error], known)).toBe(error);
  });
});
