/**
 * Compiles the chunker's scan from AssemblyScript and writes it as text into a source file, which is committed: so it is
 * found wherever the engine runs (from source, compiled, in a thread, in Electron's archive). Run by `npm run build`; a
 * test compares what is committed with what comes out here.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFolder, runTool } from './run-tool.ts';

export const scanFile = join(projectFolder, 'engine/format/scan-wasm.ts');

/** The text of `scanFile`. */
export function compileScan(): string {
  const folder = mkdtempSync(join(tmpdir(), 'slackwater-scan-'));
  try {
    const out = join(folder, 'scan.wasm');
    const options = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--noExportMemory'];
    if (runTool('assemblyscript', ['engine/format/assembly/scan.ts', '-o', out, ...options]) !== 0) {
      throw new Error('the scan of the chunker does not compile');
    }
    const bytes = readFileSync(out).toString('base64');
    return (
      '/** What `build/compile-scan.ts` made of `assembly/scan.ts`; not written by hand. */\n' +
      `export const scanWasm =\n  '${bytes}';\n`
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) writeFileSync(scanFile, compileScan());
