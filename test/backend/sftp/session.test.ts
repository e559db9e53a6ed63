import { beforeEach, describe, expect, it } from 'vitest';
import { openToRead, readFolder, readRange } from '../../../engine/backend/sftp/calls.ts';
import { diagnoseSsh } from '../../../engine/backend/sftp/diagnose-ssh.ts';
import { PacketStream } from '../../../engine/backend/sftp/packet-stream.ts';
import { ask, Reader, text, u32 } from '../../../engine/backend/sftp/packets.ts';
import { SftpSession } from '../../../engine/backend/sftp/session.ts';
import { limits } from '../../../engine/base/limits.ts';
import { type FakeProgram, fakeProgram } from '../../support/fake-program.ts';
import { type VirtualClock, virtualClock } from '../../support/fixed-world.ts';

interface Asked {
  readonly type: number;
  readonly id: number;
  readonly rest: Reader;
}

const hello = [Buffer.from([2]), u32(3)];
const handle = Buffer.from('handle');

describe('a session with an SFTP server that lies, or falls silent', () => {
  let program: FakeProgram;
  let clock: VirtualClock;
  /** What the server does with a request; it gives the answer's fields after its number. */
  let answer: (asked: Asked) => readonly [type: number, ...fields: Uint8Array[]] | undefined;
  let asked: number[];

  const say = (fields: readonly Uint8Array[]): void => {
    const packet = Buffer.concat(fields);
    program.output.write(Buffer.concat([u32(packet.length), packet]));
  };
  const open = (): Promise<SftpSession> =>
    SftpSession.open(program, (how, isLie) => diagnoseSsh([], how, isLie, 'sftp:here'), clock);
  const begun = async (): Promise<SftpSession> => {
    const opened = open();
    say(hello);
    return await opened;
  };

  beforeEach(() => {
    program = fakeProgram();
    clock = virtualClock(0n);
    answer = () => undefined;
    asked = [];
    const packets = new PacketStream();
    program.input.on('data', (chunk: Buffer) => {
      for (const packet of packets.push(chunk)) {
        const rest = new Reader(packet);
        const type = rest.u8();
        if (type === ask.init) continue;
        asked.push(type);
        const id = rest.u32();
        const reply = answer({ type, id, rest });
        if (reply !== undefined)
          say([Buffer.from([reply[0]]), u32(id), ...reply.slice(1).map((each) => each as Uint8Array)]);
      }
    });
  });

  it.each([
    ['text of a login script', [Buffer.from('Welcome to the server!\n')]],
    ['another version', [u32(5), Buffer.from([2]), u32(2)]],
    ['something before its version', [u32(9), Buffer.from([101]), u32(1), u32(0)]],
  ])('does not begin with %s', async (_, bytes) => {
    const opened = open();
    program.output.write(Buffer.concat(bytes as Buffer[]));
    await expect(opened).rejects.toMatchObject({ code: 'not-the-store' });
    expect(program.isStopped()).toBe(true);
  });

  it('does not wait for ever for a beginning', async () => {
    const opened = open();
    const failed = expect(opened).rejects.toMatchObject({ code: 'store-unreachable', next: 'now' });
    await clock.advance(limits.sshStartMsMax);
    await failed;
  });

  it('fails all that is under way when the program ends', async () => {
    const session = await begun();
    const both = [openToRead(session, 'a'), openToRead(session, 'b')];
    program.end('it was ended by SIGKILL');
    for (const each of both)
      await expect(each).rejects.toMatchObject({ code: 'store-unreachable', next: 'now' });
    expect(session.isOpen).toBe(false);
    await expect(openToRead(session, 'c')).rejects.toMatchObject({ code: 'store-unreachable' });
  });

  it.each([
    ['a number that was not asked', () => say([Buffer.from([101]), u32(99), u32(0)])],
    ['another kind of answer', ({ id }: Asked) => say([Buffer.from([103]), u32(id), text('x')])],
    ['a handle of no length', ({ id }: Asked) => say([Buffer.from([102]), u32(id), text('')])],
    ['an endless message', () => program.output.write(u32(0x7fff_ffff))],
  ])('ends at %s', async (_, lie) => {
    const session = await begun();
    answer = (what) => void lie(what);
    await expect(openToRead(session, 'a')).rejects.toMatchObject({ code: 'not-the-store' });
    expect(program.isStopped()).toBe(true);
  });

  it('ends where a server gives more than it was asked for, or an empty list for ever', async () => {
    const session = await begun();
    answer = () => [103, text('more')];
    const reading = readRange(session, handle, { offset: 0, length: 3 });
    await expect(reading).rejects.toMatchObject({ code: 'not-the-store' });
    program = fakeProgram();
    const another = await begun();
    const listing = readFolder(another, handle);
    say([Buffer.from([104]), u32(1), u32(0)]);
    await expect(listing).rejects.toMatchObject({ code: 'not-the-store' });
  });

  it('asks again for what a server leaves out of a range', async () => {
    const session = await begun();
    const content = Buffer.from('0123456789');
    answer = ({ rest }) => {
      rest.text();
      const offset = rest.u64();
      return [103, text(content.subarray(offset, offset + Math.min(3, rest.u32())))];
    };
    expect(String(await readRange(session, handle, { offset: 1, length: 8 }))).toBe('12345678');
  });

  it('closes what was opened for a caller who has gone', async () => {
    const session = await begun();
    const caller = new AbortController();
    const opening = openToRead(session, 'a', caller.signal);
    caller.abort();
    await expect(opening).rejects.toMatchObject({ code: 'cancelled' });
    say([Buffer.from([102]), u32(1), text(handle)]);
    await clock.advance(1);
    expect(asked).toEqual([ask.open, ask.close]);
  });

  it('takes a long silence for the end, but not while nothing is awaited', async () => {
    const session = await begun();
    await clock.advance(100 * limits.pipeTickMs);
    expect(session.isOpen).toBe(true);
    const opening = openToRead(session, 'a');
    const failed = expect(opening).rejects.toMatchObject({ code: 'store-unreachable', next: 'now' });
    await clock.advance((limits.sftpSilentTicksMax - 1) * limits.pipeTickMs);
    expect(session.isOpen).toBe(true);
    await clock.advance(limits.pipeTickMs);
    await failed;
    expect(program.isStopped()).toBe(true);
  });

  it('is not kept by a caller who gives up in a silence', async () => {
    const session = await begun();
    const caller = new AbortController();
    const opening = openToRead(session, 'a', caller.signal);
    const failed = expect(opening).rejects.toMatchObject({ code: 'cancelled' });
    await clock.advance(2 * limits.pipeTickMs);
    caller.abort();
    await failed;
    expect(session.isOpen).toBe(false);
  });
});
