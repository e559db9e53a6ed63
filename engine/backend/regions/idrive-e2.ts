/** IDrive e2: each account has hosts of its own, which its dashboard shows; they are known by their domain only. */
import type { Provider } from './region.ts';

export const idriveE2: Provider = {
  id: 'idrive-e2',
  name: 'IDrive e2',
  domains: ['idrivee2.com', 'idrivee2-2.com'],
  regions: [],
};
