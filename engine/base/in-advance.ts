/** Work on one thing while the next ones are on their way. */

/**
 * Each item with what `get` resolves with for it, in their order. It is called for the first `countMax` items at once, and for one
 * more whenever one has been worked on: that one counts. What fails is thrown when its turn comes.
 */
export function inAdvance<Item, Got>(
  items: Iterable<Item>,
  countMax: number,
  get: (item: Item) => Promise<Got>,
): AsyncGenerator<[Item, Got], void> {
  const left = items[Symbol.iterator]();
  const onTheirWay: { readonly item: Item; readonly got: Promise<Got> }[] = [];
  const begin = (): void => {
    const next = left.next();
    if (next.done) return;
    const got = get(next.value);
    got.catch(() => undefined);
    onTheirWay.push({ item: next.value, got });
  };
  for (let i = 0; i < countMax; i++) begin();
  return take();

  async function* take(): AsyncGenerator<[Item, Got], void> {
    for (let next = onTheirWay.shift(); next !== undefined; next = onTheirWay.shift()) {
      yield [next.item, await next.got];
      begin();
    }
  }
}
