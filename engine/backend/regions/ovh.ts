/** OVHcloud Object Storage, outside of the United States. */
import { type Provider, regionsOf } from './region.ts';

export const ovh: Provider = {
  id: 'ovh',
  name: 'OVHcloud',
  domains: ['cloud.ovh.net'],
  regions: regionsOf('s3.{region}.io.cloud.ovh.net', {
    gra: 'Gravelines',
    rbx: 'Roubaix',
    sbg: 'Strasbourg',
    'eu-west-par': 'Paris',
    de: 'Frankfurt',
    uk: 'London',
    waw: 'Warsaw',
    bhs: 'Beauharnois',
    'ca-east-tor': 'Toronto',
    sgp: 'Singapore',
    'ap-southeast-syd': 'Sydney',
    'ap-south-mum': 'Mumbai',
  }),
};
