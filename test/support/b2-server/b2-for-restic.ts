/**
 * Leads the real restic to the stand-in: its b2 backend knows one address only, so it is sent through a proxy that
 * takes that name to us, with TLS and a certificate that restic is told to believe. Nothing leaves loopback.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { testCertificate } from '../certificate.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import type { B2Server } from './b2-server.ts';

/** The only host that restic asks by name; everything after that goes where the answer to it leads. */
const restHost = 'api.backblazeb2.com';

export interface B2ForRestic {
  readonly env: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

export async function leadRestic({ state, listener }: B2Server): Promise<B2ForRestic> {
  const { cert, key } = testCertificate(restHost);
  const authority = join(temporaryFolder('b2'), 'authority.pem');
  writeFileSync(authority, cert);
  const secure = createTlsServer({ cert, key }, listener);
  const proxy = createServer((_, response) => response.writeHead(405).end());
  const sockets = new Set<Socket>();
  proxy.on('connect', ({ url }, socket: Socket) => {
    if (url !== `${restHost}:443`) {
      socket.end('HTTP/1.1 403 Only there\r\n\r\n');
      return;
    }
    const onward = connect((secure.address() as AddressInfo).port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) {
      sockets.add(end);
      end.on('error', () => end.destroy());
    }
  });
  await Promise.all([listen(secure), listen(proxy)]);
  return {
    env: {
      B2_ACCOUNT_ID: state.keyId,
      B2_ACCOUNT_KEY: state.key,
      RESTIC_CACERT: authority,
      HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      for (const server of [proxy, secure]) {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      }
    },
  };
}

async function listen(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}
