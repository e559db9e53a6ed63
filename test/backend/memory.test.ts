import { backendContract } from '../contract/backend-contract.ts';
import { MemoryBackend } from '../support/memory-backend.ts';

// The double that other tests rely on must keep the contract as well.
backendContract('the backend in memory', async () => ({
  backend: new MemoryBackend(),
  remove: async () => {},
}));
