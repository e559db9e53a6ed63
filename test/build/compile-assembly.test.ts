/** What is committed as compiled AssemblyScript is what its source compiles to. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { compileAssembly } from '../../build/compile-assembly.ts';

it('what is committed as compiled is that of its source', () => {
  for (const { path, text } of compileAssembly()) expect(readFileSync(path, 'utf8'), path).toBe(text);
});
