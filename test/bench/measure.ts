/** Runs a program to its end and says what it took, all processes that it started included. Linux only. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

export interface Took {
  readonly wallMs: number;
  /** Of user and system together. */
  readonly cpuMs: number;
  /** The peaks of all its processes, added up. */
  readonly memoryBytesMax: number;
}

export interface CommandToMeasure {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

const lookEveryMs = 20;
/** Linux counts time of children in these, on every machine. */
const msPerTick = 10;

/** Throws where the program fails: what went wrong quickly is not fast. */
export async function measure({ program, args, env }: CommandToMeasure): Promise<Took> {
  const cpuBefore = childrenCpuMs();
  const began = performance.now();
  const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const said: Buffer[] = [];
  child.stderr.on('data', (bytes: Buffer) => said.push(bytes));
  const peaks = new Map<number, number>();
  const looking = setInterval(() => child.pid === undefined || lookAt(child.pid, peaks), lookEveryMs);
  const kill = (): boolean => child.kill('SIGKILL');
  process.on('exit', kill);
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    const wallMs = performance.now() - began;
    if (code !== 0) {
      throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${Buffer.concat(said).toString()}`);
    }
    const memoryBytesMax = [...peaks.values()].reduce((sum, peak) => sum + peak, 0);
    return { wallMs, cpuMs: childrenCpuMs() - cpuBefore, memoryBytesMax };
  } finally {
    process.off('exit', kill);
    clearInterval(looking);
  }
}

/** What children took that have ended, theirs included (`proc(5)`: cutime and cstime). */
function childrenCpuMs(): number {
  const fields = readFileSync('/proc/self/stat', 'latin1').split(') ')[1]!.split(' ');
  return (Number(fields[13]) + Number(fields[14])) * msPerTick;
}

/** A peak only ever rises, so that the last look is the one that counts: before it is another program, it is us. */
function lookAt(pid: number, peaks: Map<number, number>): void {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const kib = /VmHWM:\s+(\d+) kB/.exec(status)?.[1];
    if (kib !== undefined) peaks.set(pid, Number(kib) * 1024);
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const children = readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1');
      for (const other of children.split(' ').filter((text) => text !== '')) lookAt(Number(other), peaks);
    }
  } catch {
    // It has just ended.
  }
}
