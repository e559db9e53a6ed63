/** Cloudflare R2: one host per account and jurisdiction; where the data lies is decided with the bucket. */
import type { Provider } from './region.ts';

export const cloudflareR2: Provider = {
  id: 'cloudflare-r2',
  name: 'Cloudflare R2',
  domains: ['r2.cloudflarestorage.com'],
  regions: [
    { id: 'default', place: 'wherever the bucket is', host: '{account}.r2.cloudflarestorage.com' },
    { id: 'eu', place: 'European Union', host: '{account}.eu.r2.cloudflarestorage.com' },
    { id: 'fedramp', place: 'FedRAMP', host: '{account}.fedramp.r2.cloudflarestorage.com' },
  ],
};
