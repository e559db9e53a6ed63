/** Types (every project, each with only what it may know), lint and format. Used by `check.ts` and by the tests. */
import { runTool } from './run-tool.ts';

/** True when all is well; what is not has been printed. */
export function checkProject(): boolean {
  const types = runTool('typescript', ['-b', 'engine', 'electron', 'renderer', 'test']);
  const style = runTool('@biomejs/biome', ['ci', '--colors=off', '.']);
  return types === 0 && style === 0;
}
