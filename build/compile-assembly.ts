/**
 * Compiles what the engine has in AssemblyScript and writes it as text into source files, which are committed: so it is
 * found wherever the engine runs (from source, compiled, in a thread, in Electron's archive). Run by `npm run build`; a
 * test compares what is committed with what comes out here.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFolder, runTool } from './run-tool.ts';

/** Each `format/assembly/NAME.ts` becomes `format/NAME-wasm.ts`. */
const names = ['scan', 'index-blobs'];

export interface CompiledFile {
  readonly path: string;
  readonly text: string;
}

export function compileAssembly(): CompiledFile[] {
  const folder = mkdtempSync(join(tmpdir(), 'slackwater-assembly-'));
  try {
    return names.map((name) => ({
      path: join(projectFolder, `engine/format/${name}-wasm.ts`),
      text: textOf(name, compiled(name, join(folder, 'out.wasm'))),
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function writeAssembly(): void {
  for (const { path, text } of compileAssembly()) writeFileSync(path, text);
}

function compiled(name: string, out: string): Buffer {
  const options = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--noExportMemory'];
  if (runTool('assemblyscript', [`engine/format/assembly/${name}.ts`, '-o', out, ...options]) !== 0)
    throw new Error(`engine/format/assembly/${name}.ts does not compile`);
  return readFileSync(out);
}

function textOf(name: string, bytes: Buffer): string {
  const constant = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const lead = `export const ${constant}Wasm =`;
  return (
    `/** What \`build/compile-assembly.ts\` made of \`assembly/${name}.ts\`; not written by hand. */\n` +
    `${lead}\n  '${bytes.toString('base64')}';\n`
  );
}

if (import.meta.main) writeAssembly();
