/** Scaleway Object Storage. */
import { type Provider, regionsOf } from './region.ts';

export const scaleway: Provider = {
  id: 'scaleway',
  name: 'Scaleway',
  domains: ['scw.cloud'],
  regions: regionsOf('s3.{region}.scw.cloud', {
    'fr-par': 'Paris',
    'nl-ams': 'Amsterdam',
    'pl-waw': 'Warsaw',
  }),
};
