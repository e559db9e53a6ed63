import { expect, it, onTestFinished } from 'vitest';
import { silentLog } from '../../engine/base/log.ts';
import { openLockMemory } from '../../engine/journal/sqlite-lock-memory.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const id = (digit: string): string => digit.repeat(64);

it('knows our own locks until they are removed, and when each was noted first', () => {
  const folder = temporaryFolder('lock-memory');
  const open = (): ReturnType<typeof openLockMemory> => {
    const memory = openLockMemory(folder, silentLog);
    onTestFinished(() => memory.close());
    return memory;
  };
  const memory = open();
  memory.lockWritten(id('1'), { id: id('a'), writtenMs: 1_714_979_289_000.5 });
  memory.lockWritten(id('1'), { id: id('b'), writtenMs: 5 });
  memory.lockWritten(id('1'), { id: id('b'), writtenMs: 7 });
  memory.lockRemoved(id('1'), id('a'));
  expect(open().ownLocks(id('1'))).toEqual([{ id: id('b'), writtenMs: 5 }]);
  expect(memory.ownLocks(id('2'))).toEqual([]);
});
