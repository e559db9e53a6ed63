/** Wasabi. */
import { type Provider, regionsOf } from './region.ts';

export const wasabi: Provider = {
  id: 'wasabi',
  name: 'Wasabi',
  domains: ['wasabisys.com'],
  regions: regionsOf('s3.{region}.wasabisys.com', {
    'us-east-1': 'N. Virginia',
    'us-east-2': 'N. Virginia',
    'us-central-1': 'Texas',
    'us-west-1': 'Oregon',
    'us-west-2': 'San Jose',
    'ca-central-1': 'Toronto',
    'eu-central-1': 'Amsterdam',
    'eu-central-2': 'Frankfurt',
    'eu-west-1': 'United Kingdom',
    'eu-west-2': 'Paris',
    'eu-west-3': 'United Kingdom',
    'eu-south-1': 'Milan',
    'ap-northeast-1': 'Tokyo',
    'ap-northeast-2': 'Osaka',
    'ap-southeast-1': 'Singapore',
    'ap-southeast-2': 'Sydney',
  }),
};
