/**
 * Whom we believe to be the server over TLS: the system's authorities, or a custom file of them instead, or exactly
 * one certificate that was pinned, whoever signed it. There is no way to believe everybody. See `tls-agent.ts`.
 */
import { readFileSync } from 'node:fs';
import { Failure, fromSystemError } from '../../base/failure.ts';
import type { StoreAccess } from '../backend.ts';

export interface Trust {
  /** PEM texts; they replace the system's authorities. */
  readonly authorities?: readonly string[];
  /** SHA-256 of the server's certificate, 64 hex digits. */
  readonly pinnedSha256?: string;
}

/**
 * From `RESTIC_CACERT` (paths with commas between, as restic has it) and `SLACKWATER_TLS_PIN` (a SHA-256 as `openssl
 * x509 -fingerprint` prints it). Fails with `usage` for a pin that is none, and where a file cannot be read.
 */
export function trustFrom(access: StoreAccess): Trust {
  const pin = access.SLACKWATER_TLS_PIN;
  const pinnedSha256 = pin?.replaceAll(':', '').toLowerCase();
  if (pinnedSha256 !== undefined && !/^[0-9a-f]{64}$/.test(pinnedSha256))
    throw new Failure('usage', { why: 'SLACKWATER_TLS_PIN must be a SHA-256 in 64 hex digits.' });
  const paths = (access.RESTIC_CACERT ?? '').split(',').filter((path) => path !== '');
  return {
    ...(paths.length === 0 ? {} : { authorities: paths.map(readAuthority) }),
    ...(pinnedSha256 === undefined ? {} : { pinnedSha256 }),
  };
}

function readAuthority(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw fromSystemError(error, 'read', path);
  }
}
