/** What a check finds, in sentences. Total over the codes: a new one does not compile without its sentence. */
import type { CheckCode, CheckFinding } from '../protocol/check-news.ts';
import { showBytes } from './display.ts';
import { printable } from './printable.ts';

type Detail = (name: string) => string;

const sentences: Readonly<Record<CheckCode, (d: Detail) => string>> = {
  'index-unreadable': (d) => `index ${d('index')} cannot be read: ${d('why')}`,
  'pack-in-several-indexes': (d) => `pack ${d('pack')} stands in ${d('indexes')} index files`,
  'pack-entries-differ': (d) => `index files contradict each other about what is in pack ${d('pack')}`,
  'pack-mixed': (d) => `pack ${d('pack')} holds both data and trees`,
  'pack-missing': (d) => `pack ${d('pack')} is missing: what was in it is lost`,
  'pack-size': (d) => `pack ${d('pack')} has ${d('sizeBytes')} bytes, but must have ${d('expectedBytes')}`,
  'pack-unreferenced': (d) => `no index names pack ${d('pack')} (${size(d)})`,
  'snapshot-unreadable': (d) => `snapshot ${d('snapshot')} cannot be read: ${d('why')}`,
  'tree-missing': (d) => `tree ${d('tree')} is missing: the names in a folder are lost`,
  'tree-unreadable': (d) => `tree ${d('tree')} cannot be read: ${d('why')}`,
  'tree-too-deep': (d) => `tree ${d('tree')} lies deeper than ${d('depthMax')} folders`,
  'folder-without-tree': (d) => `tree ${d('tree')}: folder "${d('name')}" has no content`,
  'name-unsafe': (d) => `tree ${d('tree')}: the name "${d('name')}" would lead elsewhere`,
  'blob-missing': (d) =>
    `tree ${d('tree')}: ${d('count')} pieces of file "${d('name')}" are missing, the first is ${d('blob')}`,
  'size-differs': (d) =>
    `tree ${d('tree')}: file "${d('name')}" should have ${d('sizeBytes')} bytes, its content has ${d('contentBytes')}`,
  'pack-unreadable': (d) => `pack ${d('pack')} cannot be read: ${d('why')}`,
  'pack-hash': (d) => `pack ${d('pack')}: its content does not match its name`,
  'pack-header': (d) => `pack ${d('pack')}: its header is damaged: ${d('why')}`,
  'pack-header-differs': (d) => `pack ${d('pack')}: its header lists other blobs than the index does`,
  'blob-damaged': (d) => `pack ${d('pack')}: blob ${d('blob')} is damaged: ${d('why')}`,
};

export function sentenceOfFinding({ code, detail }: CheckFinding): string {
  return sentences[code]((name) => printable(shortened(String(detail[name] ?? 'unknown'))));
}

function size(d: Detail): string {
  return showBytes(Number(d('sizeBytes')));
}

function shortened(text: string): string {
  return /^[0-9a-f]{64}$/.test(text) ? text.slice(0, 8) : text;
}
