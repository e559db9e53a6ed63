/** Every provider whose regions we know, and which one a host belongs to. */
import { awsS3 } from './aws-s3.ts';
import { backblazeB2 } from './backblaze-b2.ts';
import { cloudflareR2 } from './cloudflare-r2.ts';
import { digitalocean } from './digitalocean.ts';
import { hetzner } from './hetzner.ts';
import { idriveE2 } from './idrive-e2.ts';
import { ovh } from './ovh.ts';
import type { Provider, Region } from './region.ts';
import { scaleway } from './scaleway.ts';
import { wasabi } from './wasabi.ts';

export const providers: readonly Provider[] = [
  backblazeB2,
  awsS3,
  wasabi,
  digitalocean,
  scaleway,
  hetzner,
  ovh,
  idriveE2,
  cloudflareR2,
];

/** The provider of a host, and its region where the table has it. Buckets may stand before the host. */
export function regionOfHost(host: string): { provider: Provider; region?: Region } | undefined {
  const provider = providers.find(({ domains }) =>
    domains.some((domain) => host === domain || host.endsWith(`.${domain}`)),
  );
  if (provider === undefined) return undefined;
  const region = provider.regions.find((each) => host === each.host || host.endsWith(`.${each.host}`));
  return region === undefined ? { provider } : { provider, region };
}
