import { expect, it } from 'vitest';
import { threadCount } from '../../engine/machine/thread-count.ts';

it.each([
  ['by default, every processor of a small machine', {}, 2, 2],
  ['by default, some of a large one', {}, 16, 4],
  ['as many as a person wants', { threadsMax: 12 }, 16, 12],
  ['no more than there are processors', { threadsMax: 12 }, 8, 8],
  ['at least one', { threadsMax: 0 }, 8, 1],
  ['half of them on battery', { onBattery: true }, 16, 2],
  ['half of what a person wants on battery', { threadsMax: 6, onBattery: true }, 16, 3],
  ['one on battery, where one is all', { threadsMax: 1, onBattery: true }, 16, 1],
])('%s', (_, effort, processors, count) => {
  expect(threadCount({ onBattery: false, ...effort }, processors)).toBe(count);
});
