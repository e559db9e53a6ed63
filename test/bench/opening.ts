/** Placeholder. */
export async function measureOpening(
  _folder: string,
  _counts: readonly number[],
  _say: (text: string) => void,
): Promise<void> {}
