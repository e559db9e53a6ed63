import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers } from '../support/peers.ts';
import { type RawServer, rawServer } from '../support/raw-server.ts';
import { obscured, rcloneProgram } from '../support/rclone-world.ts';
import { type Ran, slackwater } from '../support/slackwater.ts';

const secret = 'canary-7f3Kq-sings';
const encoded = 'canary%2D7f3Kq%2Dsings';
const login = ['alice', secret].join(':');
const loginEncoded = ['alice', encoded].join(':');
const base64 = Buffer.from(secret).toString('base64').slice(0, -4);

let mirror: RawServer;
let babble: RawServer;

/** Servers that give back what they are told, secrets and all: in a refusal, and in something that is no HTTP. */
beforeAll(async () => {
  mirror = await rawServer((socket, head) => {
    const said = head.replaceAll('\r\n', ' ');
    const body = `<Error><Code>Denied</Code><Message>${said}</Message></Error>`;
    const lines = [
      `HTTP/1.1 401 ${said}`,
      `X-Said: ${said}`,
      `Content-Length: ${body.length}`,
      'Connection: close',
    ];
    socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  });
  babble = await rawServer((socket, head) => socket.end(head));
});
afterAll(async () => {
  await mirror.close();
  await babble.close();
});

interface Case {
  readonly location: string;
  readonly env?: Record<string, string>;
}

const cases: Readonly<Record<string, (port: number) => Case>> = {
  'REST, in its URL': (port) => ({ location: `rest:http://${login}@127.0.0.1:${port}/r/` }),
  'REST, in its URL, encoded': (port) => ({ location: `rest:http://${loginEncoded}@127.0.0.1:${port}/r/` }),
  'REST, from the environment': (port) => ({
    location: `rest:http://127.0.0.1:${port}/r/`,
    env: { RESTIC_REST_USERNAME: 'alice', RESTIC_REST_PASSWORD: secret },
  }),
  'REST, in a URL that is none': () => ({ location: `rest:http://${login}@[::1/r/` }),
  S3: (port) => ({
    location: `s3:http://127.0.0.1:${port}/bucket`,
    env: { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: secret },
  }),
  B2: (port) => ({
    location: 'b2:bucket-name:path',
    env: { B2_ACCOUNT_ID: 'id', B2_ACCOUNT_KEY: secret, 'b2.endpoint': `http://127.0.0.1:${port}` },
  }),
  SFTP: (port) => ({
    location: `sftp://alice@127.0.0.1:${port}//r`,
    env: { AWS_SECRET_ACCESS_KEY: secret },
  }),
  'SFTP with a password': (port) => ({ location: `sftp://${login}@127.0.0.1:${port}//r` }),
  rclone: (port) => ({
    location: `rclone::webdav,url='http://127.0.0.1:${port}',user=alice,pass=${obscured(secret)}:r`,
    env: { SLACKWATER_RCLONE_PROGRAM: rcloneProgram(), RCLONE_CONFIG: '/dev/null' },
  }),
};

describeWithPeers(['rclone'], 'a secret', () => {
  it.concurrent.each(Object.keys(cases))('is shown to nobody, whatever a server does: %s', async (name) => {
    const both = [mirror, babble].map(({ port }) => cases[name]!(port));
    const all = await Promise.all(both.map(({ location, env }) => watched(location, env)));
    for (const [at, { ran, commandLines }] of all.entries()) {
      const { location } = both[at]!;
      expect(ran.code).toBeGreaterThan(0);
      expect(ran.stderr).toMatch(/^error: /m);
      const told = [ran.stdout, ran.stderr, ...commandLines].join('\n');
      const shown = [secret, encoded, base64, obscuredIn(location)].filter((each) => told.includes(each));
      expect(shown).toEqual([]);
      // The repository's own password is one as well.
      expect(told).not.toContain('correct horse');
    }
  });
});

/** What could stand for the password beside itself. */
function obscuredIn(location: string): string {
  return /pass=([^:]+)/.exec(location)?.[1] ?? secret;
}

/** The command lines of our process and of all below it, as everybody on the machine may see them. */
async function watched(
  repository: string,
  env: Record<string, string> = {},
): Promise<{ ran: Ran; commandLines: string[] }> {
  const seen = new Set<string>();
  let isOver = false;
  const running = slackwater(['snapshots', '-vv'], { repository, env }).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    for (const line of commandLinesBelow(process.pid)) seen.add(line);
    await Promise.race([sleep(20), running]);
  }
  return { ran: await running, commandLines: [...seen] };
}

function commandLinesBelow(top: number): string[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    const parent = /^\d+ \(.*\) \S (\d+)/s.exec(textOf(`/proc/${name}/stat`))?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const isBelow = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (pid === top || isBelow(parents.get(pid)));
  return [...parents.keys()]
    .filter((pid) => pid !== top && isBelow(pid))
    .map((pid) => textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' '));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
