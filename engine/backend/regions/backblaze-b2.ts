/** Backblaze B2: the region is chosen with the account. */
import { type Provider, regionsOf } from './region.ts';

export const backblazeB2: Provider = {
  id: 'backblaze-b2',
  name: 'Backblaze B2',
  domains: ['backblazeb2.com'],
  regions: regionsOf('s3.{region}.backblazeb2.com', {
    'us-west-000': 'Sacramento',
    'us-west-001': 'Sacramento',
    'us-west-002': 'Sacramento',
    'us-west-004': 'Phoenix',
    'us-east-005': 'Reston',
    'ca-east-006': 'Toronto',
    'eu-central-003': 'Amsterdam',
  }),
};
