/** A lock: who works on the repository, since when, and whether alone. A refresh is a new file. */
import { checkTime, formatTime } from './go-time.ts';
import { asBoolean, asCount, asOptionalText, asText, parseObject } from './json.ts';

export interface Lock {
  /** RFC 3339. */
  readonly time: string;
  readonly exclusive: boolean;
  readonly hostname: string;
  readonly username: string;
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

export function encodeLock(lock: Lock): string {
  const { time, exclusive, hostname, username, pid, uid, gid } = lock;
  return JSON.stringify({
    time,
    exclusive,
    hostname,
    username,
    pid,
    ...(uid === 0 ? {} : { uid }),
    ...(gid === 0 ? {} : { gid }),
  });
}

/** Throws a plain error that says what is malformed. */
export function decodeLock(text: string): Lock {
  const json = parseObject(text);
  const time = asText(json.time, 'the time');
  checkTime(time);
  return {
    time,
    exclusive: asBoolean(json.exclusive ?? false, 'exclusive'),
    hostname: asOptionalText(json.hostname, 'the host') ?? '',
    username: asOptionalText(json.username, 'the user') ?? '',
    pid: asCount(json.pid ?? 0, 'the process id'),
    uid: asCount(json.uid ?? 0, 'the uid', 2 ** 32 - 1),
    gid: asCount(json.gid ?? 0, 'the gid', 2 ** 32 - 1),
  };
}

export function refreshedLock(lock: Lock, wallNs: bigint): Lock {
  return { ...lock, time: formatTime(wallNs) };
}
