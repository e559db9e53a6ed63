/** Hetzner Object Storage. */
import { type Provider, regionsOf } from './region.ts';

export const hetzner: Provider = {
  id: 'hetzner',
  name: 'Hetzner',
  domains: ['your-objectstorage.com'],
  regions: regionsOf('{region}.your-objectstorage.com', {
    fsn1: 'Falkenstein',
    nbg1: 'Nuremberg',
    hel1: 'Helsinki',
  }),
};
