/** What is committed as the chunker's scan is what its source compiles to. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { compileScan, scanFile } from '../../build/compile-scan.ts';

it('the compiled scan is that of its source', () => {
  expect(readFileSync(scanFile, 'utf8')).toBe(compileScan());
});
