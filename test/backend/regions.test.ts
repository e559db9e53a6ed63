import { describe, expect, it } from 'vitest';
import { providers, regionOfHost } from '../../engine/backend/regions/providers.ts';

describe('the tables of regions', () => {
  it('have each provider, region and host once', () => {
    const ids = providers.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const hosts = providers.flatMap(({ regions }) => regions.map(({ host }) => host));
    expect(hosts.length).toBeGreaterThan(80);
    expect(new Set(hosts).size).toBe(hosts.length);
    for (const { regions } of providers) {
      const names = regions.map(({ id }) => id);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it.each(providers.map((provider) => [provider.name, provider] as const))(
    'are well formed: %s',
    (_, provider) => {
      expect(provider.id).toMatch(/^[a-z0-9-]+$/);
      expect(provider.domains.length).toBeGreaterThan(0);
      for (const { id, place, host } of provider.regions) {
        expect(id).toMatch(/^[a-z0-9-]+$/);
        expect(place.trim()).not.toBe('');
        expect(host).toMatch(/^(\{account\}\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/);
        expect(provider.domains.some((domain) => host.endsWith(`.${domain}`))).toBe(true);
        expect(regionOfHost(host)).toEqual({ provider, region: { id, place, host } });
      }
    },
  );

  it('know a bucket before the host, and no stranger', () => {
    expect(regionOfHost('my-bucket.s3.eu-central-003.backblazeb2.com')?.region?.id).toBe('eu-central-003');
    expect(regionOfHost('abc.ch11.idrivee2-2.com')?.provider.id).toBe('idrive-e2');
    expect(regionOfHost('evilbackblazeb2.com')).toBeUndefined();
    expect(regionOfHost('nas.local')).toBeUndefined();
  });
});
