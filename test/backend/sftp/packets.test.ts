import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketStream } from '../../../engine/backend/sftp/packet-stream.ts';
import { decodeReply, decodeVersion, text, u32, u64 } from '../../../engine/backend/sftp/packets.ts';
import { piecesOf, rangesOf } from '../../../engine/backend/sftp/pipelined.ts';

const name = Buffer.concat([
  text('file'),
  text('-rw------- file'),
  u32(0x8000_000f),
  u64(77),
  u32(1),
  u32(2),
]);
const moreOfName = Buffer.concat([u32(0o100600), u32(5), u32(6), u32(1), text('a@b'), text('value')]);
const names = Buffer.concat([Buffer.from([104]), u32(9), u32(1), name, moreOfName]);

describe('messages of SFTP', () => {
  it('are read with everything that a server may add', () => {
    expect(decodeReply(names)).toEqual({
      id: 9,
      reply: { type: 'names', names: [{ name: 'file', sizeBytes: 77, mode: 0o100600 }] },
    });
    const version = Buffer.concat([Buffer.from([2]), u32(3), text('fsync@openssh.com'), text('1')]);
    expect([...decodeVersion(version)]).toEqual([['fsync@openssh.com', '1']]);
  });

  it('are refused wherever they are cut off', () => {
    for (let length = 0; length < names.length; length++)
      expect(() => decodeReply(names.subarray(0, length))).toThrow();
  });

  it('are refused, not believed, whatever stands in them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          const { id, reply } = decodeReply(Buffer.from(bytes));
          expect(id).toBeGreaterThanOrEqual(0);
          expect(reply.type).toMatch(/^(status|handle|data|names|attributes|extended)$/);
        } catch (error) {
          expect((error as Error).message).toMatch(/answer|handle|number/);
        }
      }),
    );
  });

  it('come out of the stream whole, however it is cut', () => {
    const packets = [Buffer.from('a'), Buffer.alloc(70_000, 'b'), Buffer.from('cc')];
    const stream = Buffer.concat(packets.flatMap((packet) => [u32(packet.length), packet]));
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
        const cutter = new PacketStream();
        const out: string[] = [];
        const ends = [...cuts, stream.length].sort((a, b) => a - b);
        ends.forEach((end, i) => {
          for (const packet of cutter.push(stream.subarray(ends[i - 1] ?? 0, end)))
            out.push(packet.toString());
        });
        expect(out).toEqual(packets.map(String));
      }),
    );
  });

  it.each([0, 256 * 1024 + 1, 0x41424344])('of %i bytes do not exist', (length) => {
    expect(() => [...new PacketStream().push(u32(length))]).toThrow('impossible length');
  });

  it('carry each byte of the parts once, in pieces that are full', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 50 })),
        fc.integer({ min: 1, max: 40 }),
        (parts, most) => {
          const whole = Buffer.concat(parts);
          const pieces = [...piecesOf(parts, most)];
          expect(Buffer.concat(pieces.flatMap(({ chunks }) => chunks)).equals(whole)).toBe(true);
          const places = pieces.map(({ offset, length }) => ({ offset, length }));
          expect(places).toEqual([...rangesOf(0, whole.length, most)]);
        },
      ),
    );
  });
});
