import { describe, expect, it } from 'vitest';
import { debianArchives, parseSources } from './debian-archive.ts';

const uri = 'http://mirror.example/debian';

describe('sources of one line each', () => {
  it('gives the main archive, its suite and its keyring', () => {
    const text = [
      `# deb ${uri} commented main`,
      `deb [arch=amd64 signed-by=/keys/debian.gpg] ${uri} bookworm main contrib # why`,
      `deb-src ${uri} bookworm main`,
      'deb http://mirror.example/debian-security bookworm-security main',
      'deb http://other.example/apt stable extras',
      '',
    ].join('\n');
    expect(parseSources('sources.list', text)).toEqual([
      { uri, suite: 'bookworm', signedBy: '/keys/debian.gpg' },
    ]);
  });
});

describe('sources as stanzas', () => {
  it('understands several values, lines that go on, comments and entries that are off', () => {
    const text = [
      'Types: deb deb-src',
      '# URIs: http://old.example/debian',
      `URIs: ${uri}`,
      '  http://second.example/debian',
      'Suites: trixie-updates trixie',
      'Components: main',
      'Signed-By:',
      ' -----BEGIN PGP PUBLIC KEY BLOCK-----',
      '',
      'Types: deb',
      'Enabled: no',
      `URIs: ${uri}`,
      'Suites: sid',
      'Components: main',
    ].join('\n');
    expect(parseSources('debian.sources', text)).toEqual([
      { uri, suite: 'trixie', signedBy: undefined },
      { uri: 'http://second.example/debian', suite: 'trixie', signedBy: undefined },
    ]);
  });

  it('knows no archive of another distribution', () => {
    const text = `Types: deb\nURIs: ${uri}\nSuites: noble\nComponents: main\n`;
    expect(parseSources('ubuntu.sources', text)).toEqual([]);
  });
});

it('finds no archive where there is no apt', async () => {
  const noApt = async () => ({ code: 127, stdout: '', stderr: 'not found' });
  expect(await debianArchives(noApt)).toEqual([]);
});
