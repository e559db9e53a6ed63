/** The measurements as a Markdown table: both medians, their ratio, what is asked, and whether it is met. */
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import {
  type Figure,
  figureOf,
  figures,
  type Measured,
  memoryBytesMax,
  ratioMaxOf,
  type TreeName,
  type Work,
} from './works.ts';

/** By work; the nth of the one and the nth of the other belong together. */
export interface Results {
  readonly restic: readonly Measured[];
  readonly slackwater: readonly Measured[];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function tableHead(): string {
  return '| tree | work | figure | restic | Slackwater | ratio | asked | |\n|---|---|---|--:|--:|--:|--:|---|\n';
}

export function tableRows(tree: TreeName, work: Work, { restic, slackwater }: Results): string {
  if (slackwater.length === 0 || restic.length === 0) return '';
  return figures
    .map((figure) => {
      const theirs = median(restic.map((one) => figureOf(one, figure)));
      const ours = median(slackwater.map((one) => figureOf(one, figure)));
      const ratio = ours / theirs;
      const max = ratioMaxOf(work, tree, figure);
      const isMet = max !== undefined && ratio <= max && (figure !== 'memory' || ours < memoryBytesMax);
      const verdict = max === undefined ? '' : isMet ? 'met' : '**missed**';
      const cells = [tree, work.title, titles[figure], show(figure, theirs), show(figure, ours)];
      const shown = Number.isFinite(ratio) ? ratio.toFixed(figure === 'stored' ? 4 : 2) : '';
      return `| ${[...cells, shown, asked(figure, max), verdict].join(' | ')} |\n`;
    })
    .join('');
}

const titles: Readonly<Record<Figure, string>> = {
  wall: 'wall time',
  cpu: 'CPU time',
  memory: 'peak memory',
  stored: 'bytes stored',
};

function show(figure: Figure, value: number): string {
  return figure === 'wall' || figure === 'cpu'
    ? `${(value / 1000).toFixed(2)} s`
    : `${(value / 1e6).toFixed(1)} MB`;
}

function asked(figure: Figure, ratioMax: number | undefined): string {
  if (ratioMax === undefined) return '';
  return `${ratioMax.toFixed(2)}${figure === 'memory' ? ` and ${memoryBytesMax / 1e6} MB` : ''}`;
}

/** What the figures hold for. */
export function machineFacts(resticVersion: string, hasPlainSha: boolean): string {
  const memoryGb = Math.round(totalmem() / 1e9);
  const hasInstructions = !hasPlainSha && /^flags.* sha_ni/m.test(readFileSync('/proc/cpuinfo', 'latin1'));
  const load = readFileSync('/proc/loadavg', 'latin1').split(' ').slice(0, 3).join(' ');
  return (
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${cpus()[0]?.model.trim()}, ` +
    `${hasInstructions ? 'with' : 'without'} instructions for SHA-256), ${memoryGb} GB, ` +
    `Linux ${release()}, Node ${process.versions.node}, restic ${resticVersion}; load at the end ${load}`
  );
}
