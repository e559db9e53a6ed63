/** A gate that some wait at: it lets everybody through while it is open. Closed at first. */
export class Gate {
  #through = Promise.withResolvers<void>();
  #isOpen = false;

  /** Resolves when it is open, at once or later. */
  get opened(): Promise<void> {
    return this.#through.promise;
  }

  open(): void {
    this.#isOpen = true;
    this.#through.resolve();
  }

  /** Whoever waits already goes on waiting. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#through = Promise.withResolvers();
  }
}
