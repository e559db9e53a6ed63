import { describe, expect, it } from 'vitest';
import { makeKey } from '../../electron/system/real-world.ts';
import { recoverySheet } from '../../engine/protocol/recovery-sheet.ts';
import { typeableKey } from '../../engine/protocol/typeable-key.ts';

const facts = {
  location: '/mnt/disk/vault',
  key: 'ABCD-1234',
  hostname: 'ada',
  madeOn: '2026-01-15T12:00:00Z',
  platform: 'linux',
};

describe('the recovery sheet', () => {
  it('says where, with which key and how, in both languages', () => {
    const sheet = recoverySheet(facts);
    for (const fact of [facts.location, facts.hostname, facts.madeOn, '\n    ABCD-1234\n', '密钥']) {
      expect(sheet).toContain(fact);
    }
    expect(sheet.match(/^ {4}restic -r \/mnt\/disk\/vault /gm)).toHaveLength(4);
    expect(sheet).not.toContain('--password-file');
    expect(recoverySheet({ ...facts, keyFile: '/home/ada/key' })).toContain(
      '\n    restic -r /mnt/disk/vault --password-file /home/ada/key snapshots\n',
    );
  });

  it('writes commands as the shell of the platform takes them', () => {
    expect(recoverySheet({ ...facts, location: "/mnt/Ada's disk" })).toContain(
      "restic -r '/mnt/Ada'\\''s disk' snapshots",
    );
    const onWindows = recoverySheet({ ...facts, location: 'D:\\My vault', platform: 'win32' });
    expect(onWindows).toContain('restic -r "D:\\My vault" restore latest --target "%TEMP%\\restored"');
  });
});

describe('a typeable key', () => {
  it('has 13 groups of 4 letters that nobody takes for others', () => {
    const groups = /^[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){12}$/;
    expect(makeKey()).toMatch(groups);
    expect(new Set(Array.from({ length: 50 }, makeKey)).size).toBe(50);
    expect(typeableKey(new Uint8Array(32).fill(255))).toBe(`${'ZZZZ-'.repeat(12)}ZZZG`);
  });

  it('is never made of less than 256 bits', () => {
    expect(() => typeableKey(new Uint8Array(31))).toThrow('32 random bytes');
  });
});
