/** What is measured, and what the house asks of it: ratios are ours by restic's, so that less is better. */
import type { Took } from './measure.ts';

export type TreeName = 'small' | 'large';
export type Figure = 'wall' | 'cpu' | 'memory' | 'stored';

/** What one work took, and how many bytes the repository grew by. */
export interface Measured extends Took {
  readonly storedBytes: number;
}

export interface Work {
  readonly name: string;
  readonly title: string;
  /** The command, the same words for both. */
  args(tree: string, target: string): readonly string[];
  readonly ratioMax: Partial<Record<Figure, number>>;
  /** On these trees the ratios above are asked for; memory is asked for everywhere. */
  readonly asked: readonly TreeName[];
}

export const memoryRatioMax = 1.5;
export const memoryBytesMax = 300_000_000;

const both: readonly TreeName[] = ['small', 'large'];
const backup = (tree: string): readonly string[] => ['backup', tree];

/** In this order: each needs what the one before has left. The tree is changed before `changed`. */
export const works: readonly Work[] = [
  {
    name: 'first',
    title: 'first backup',
    args: backup,
    ratioMax: { wall: 0.75, cpu: 0.9, stored: 1 },
    asked: both,
  },
  { name: 'unchanged', title: 'nothing changed', args: backup, ratioMax: { wall: 0.75 }, asked: ['small'] },
  { name: 'changed', title: '1 % changed', args: backup, ratioMax: {}, asked: [] },
  {
    name: 'restore',
    title: 'restore',
    args: (_, target) => ['restore', 'latest', '--target', target],
    ratioMax: { wall: 0.85 },
    asked: both,
  },
  {
    name: 'check',
    title: 'check --read-data',
    args: () => ['check', '--read-data'],
    ratioMax: { wall: 1 },
    asked: both,
  },
];

export const figures: readonly Figure[] = ['wall', 'cpu', 'memory', 'stored'];

export function figureOf(measured: Measured, figure: Figure): number {
  const { wallMs, cpuMs, memoryBytesMax, storedBytes } = measured;
  return { wall: wallMs, cpu: cpuMs, memory: memoryBytesMax, stored: storedBytes }[figure];
}

/** The ratio that is asked for, or undefined. */
export function ratioMaxOf(work: Work, tree: TreeName, figure: Figure): number | undefined {
  if (figure === 'memory') return memoryRatioMax;
  return work.asked.includes(tree) ? work.ratioMax[figure] : undefined;
}
