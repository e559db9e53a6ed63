import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  startWindow,
  stepWindow,
  type UploadEvent,
  type UploadWindow,
  windowFor,
} from '../../engine/machine/upload-window.ts';

/** A line that gives `each` to one upload, and `line` to all of them at most. */
function play(
  each: number,
  line: number,
  uploads: number,
  window: UploadWindow = startWindow,
): UploadWindow[] {
  const windows = [window];
  for (let i = 0; i < uploads; i++) {
    const now = windows.at(-1)!;
    const bytesPerSecond = Math.min(each * now.size, line);
    windows.push(stepWindow(now, { type: 'sent', bytesPerSecond, wasFull: true }));
  }
  return windows;
}

describe('the upload window', () => {
  it('grows to its limit on a long fat line', () => {
    expect(play(1e6, 1e9, 40).at(-1)!.size).toBe(16);
  });

  it.each([
    [undefined, 4],
    [5, 4],
    [100, 11],
    [150, 16],
    [9_000, 16],
  ])('begins with more on a long way: %s ms', (roundTripMs, size) => {
    expect(windowFor(roundTripMs)).toEqual({ ...startWindow, size });
  });

  it('stays where it is on a line that is full, trying one more now and then', () => {
    const sizes = play(1e6, 4e6, 200).map(({ size }) => size);
    expect(Math.max(...sizes)).toBe(5);
    expect(Math.min(...sizes)).toBe(4);
    expect(sizes.filter((size) => size === 5).length).toBeLessThan(40);
  });

  it('halves with trouble, down to one, and comes back', () => {
    const trouble: UploadEvent = { type: 'trouble' };
    const sizes = [startWindow];
    for (let i = 0; i < 4; i++) sizes.push(stepWindow(sizes.at(-1)!, trouble));
    expect(sizes.map(({ size }) => size)).toEqual([4, 2, 1, 1, 1]);
    expect(play(1e6, 1e9, 50, sizes.at(-1)).at(-1)!.size).toBe(16);
  });

  it('does not grow while there is nothing to fill it with', () => {
    let window = startWindow;
    for (let i = 0; i < 50; i++)
      window = stepWindow(window, { type: 'sent', bytesPerSecond: 1e6 * i, wasFull: false });
    expect(window).toEqual(startWindow);
  });

  it('is within its limits whatever happens', () => {
    const event = fc.oneof(
      fc.constant<UploadEvent>({ type: 'trouble' }),
      fc.record({
        type: fc.constant('sent' as const),
        bytesPerSecond: fc.double({ min: 1, max: 1e10, noNaN: true }),
        wasFull: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 300 }), (events) => {
        let window = startWindow;
        for (const each of events) {
          const next = stepWindow(window, each);
          expect(next.size).toBeGreaterThanOrEqual(1);
          expect(next.size).toBeLessThanOrEqual(8);
          expect(next.size - window.size).toBeLessThanOrEqual(1);
          window = next;
        }
      }),
    );
  });
});
