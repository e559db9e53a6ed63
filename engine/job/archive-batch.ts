/**
 * What is small goes to the compute threads in batches. One that is not full waits for more as long as they have enough to do:
 * sent at once, whenever there was room for another file, most batches were of one.
 */
import { limits } from '../base/limits.ts';
import type { BlobStore } from '../repo/blob-store.ts';

export interface QueueListener {
  /** Something was settled: there is room for more. */
  moved(): void;
  /** Hears what ends the run. */
  failed(error: unknown): void;
}

export class Batches<Item> {
  readonly #handsMax: number;
  readonly #listener: QueueListener;
  readonly #send: (items: readonly Item[]) => Promise<void>;
  #items: Item[] = [];
  #bytes = 0;
  #underWay = 0;

  /** What `send` fails with ends the run. */
  constructor(
    { handsMax }: BlobStore,
    listener: QueueListener,
    send: (items: readonly Item[]) => Promise<void>,
  ) {
    this.#handsMax = handsMax;
    this.#listener = listener;
    this.#send = send;
  }

  add(item: Item, bytes: number): void {
    this.#items.push(item);
    this.#bytes += bytes;
    if (this.#items.length >= limits.batchFilesMax || this.#bytes >= limits.batchBytesMax) this.#sendAll();
  }

  /** Sends a batch that is not full, where a hand may soon have nothing to do. */
  flush(): void {
    if (this.#items.length > 0 && this.#underWay <= this.#handsMax) this.#sendAll();
  }

  /** Something large, for itself. */
  sendAlone(sent: Promise<void>): void {
    this.#underWay++;
    void this.#follow(sent);
  }

  async #follow(sent: Promise<void>): Promise<void> {
    try {
      await sent;
      this.#listener.moved();
    } catch (error) {
      this.#listener.failed(error);
    }
    this.#underWay--;
    this.flush();
  }

  #sendAll(): void {
    const items = this.#items;
    this.#items = [];
    this.#bytes = 0;
    this.sendAlone(this.#send(items));
  }
}
