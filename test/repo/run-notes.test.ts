import { expect, it } from 'vitest';
import { Failure } from '../../engine/base/failure.ts';
import { type ClosedPack, RunNotes } from '../../engine/repo/run-notes.ts';
import { MemoryJournal, MemorySpool } from '../support/memory-journal.ts';

const pack = (id: string): ClosedPack => ({ id, isTree: false, sizeBytes: 10, entries: new Uint8Array() });

it('nobody waits for room in a spool once the run has failed, also who was not waiting yet', async () => {
  const spool = new MemorySpool();
  const answer = Promise.withResolvers<void>();
  spool.put = async () => {
    await answer.promise;
    throw new Failure('no-space', {}, { next: 'later' });
  };
  const notes = new RunNotes({ runId: 'run', journal: new MemoryJournal(), spool });
  notes.tookOver(pack('a'));
  const kept = notes.keep(pack('b'), [new Uint8Array(10)]);
  notes.close();
  answer.resolve();
  expect(await kept).toBe(false);
});
