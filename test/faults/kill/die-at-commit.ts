/**
 * Preloaded into our program: it kills itself (SIGKILL) at the FAILPOINT-th transaction of its databases, before or
 * right after it is committed. Only here: what is shipped knows of no such thing.
 */
import { DatabaseSync } from 'node:sqlite';
import { isMainThread } from 'node:worker_threads';

const at = Number(process.env.FAILPOINT);
const isAfter = process.env.FAILPOINT_WHEN === 'after';
let commits = 0;

if (isMainThread && at > 0) {
  const exec = DatabaseSync.prototype.exec;
  const die = (): void => void process.kill(process.pid, 'SIGKILL');
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string): void {
    const isNow = sql.includes('COMMIT') && ++commits === at;
    if (isNow && !isAfter) die();
    exec.call(this, sql);
    if (isNow && isAfter) die();
  };
}
