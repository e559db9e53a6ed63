import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../engine/backend/backend.ts';
import { openBackend } from '../../engine/backend/open-backend.ts';
import { backendContract } from '../contract/backend-contract.ts';
import { type S3Server, startSwift } from '../support/swift/swift-server.ts';
import { testWorld } from '../support/test-repository.ts';

describe('with OpenStack Swift', () => {
  let server: S3Server;
  let places = 0;

  beforeAll(async () => {
    server = await startSwift();
  });
  afterAll(() => server.stop());

  const open = (path: string): Backend =>
    openBackend(`s3:http://${server.host}/${path}`, testWorld(), server.access);

  backendContract(
    'an S3 bucket',
    async () => ({
      backend: open(`vault-${places++}/some/where`),
      remove: async () => undefined,
    }),
    { filesInLongList: 250 },
  );
});
