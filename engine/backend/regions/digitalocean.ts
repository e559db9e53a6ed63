/** DigitalOcean Spaces. */
import { type Provider, regionsOf } from './region.ts';

export const digitalocean: Provider = {
  id: 'digitalocean',
  name: 'DigitalOcean Spaces',
  domains: ['digitaloceanspaces.com'],
  regions: regionsOf('{region}.digitaloceanspaces.com', {
    nyc3: 'New York',
    sfo2: 'San Francisco',
    sfo3: 'San Francisco',
    atl1: 'Atlanta',
    tor1: 'Toronto',
    ams3: 'Amsterdam',
    fra1: 'Frankfurt',
    lon1: 'London',
    blr1: 'Bangalore',
    sgp1: 'Singapore',
    syd1: 'Sydney',
  }),
};
