/** Cuts the stream of an SFTP server into its messages. Throws, and must then be thrown away, for an impossible length. */
import { limits } from '../../base/limits.ts';

export class PacketStream {
  #chunks: Buffer[] = [];
  #have = 0;

  /** Takes what came and gives the messages that are whole now, without their lengths. */
  *push(chunk: Buffer): Generator<Buffer> {
    this.#chunks.push(chunk);
    this.#have += chunk.length;
    while (this.#have >= 4) {
      const length = this.#peekLength();
      if (length === 0 || length > limits.sftpPacketBytesMax)
        throw new Error('a message has an impossible length: something else than SFTP answers');
      if (this.#have < 4 + length) return;
      const all = this.#joined();
      this.#chunks = [all.subarray(4 + length)];
      this.#have = all.length - 4 - length;
      yield all.subarray(4, 4 + length);
    }
  }

  #peekLength(): number {
    if ((this.#chunks[0]?.length ?? 0) < 4) this.#chunks = [this.#joined()];
    return this.#chunks[0]!.readUInt32BE();
  }

  #joined(): Buffer {
    return this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
  }
}
