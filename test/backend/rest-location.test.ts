import { describe, expect, it } from 'vitest';
import { parseRestLocation } from '../../engine/backend/rest-location.ts';

const alice = 'alice';
const env = { RESTIC_REST_USERNAME: 'env', RESTIC_REST_PASSWORD: 'word' };

describe('the location of a REST server', () => {
  it.each([
    ['http://example.com', 'http://example.com/', undefined],
    ['http://example.com:8000/a/b', 'http://example.com:8000/a/b/', undefined],
    ['https://example.com/a/', 'https://example.com/a/', undefined],
    ['https://localhost:8000/a b/', 'https://localhost:8000/a%20b/', undefined],
    ['http+unix:///run/a.socket:/repo/', 'http://localhost/repo/', '/run/a.socket'],
    ['http+unix:///run/a.socket:/', 'http://localhost/', '/run/a.socket'],
  ])('%s', (rest, base, socketPath) => {
    const parsed = parseRestLocation(rest, {});
    expect(parsed.base.href).toBe(base);
    expect(parsed.socketPath).toBe(socketPath);
    expect(parsed.login).toBeUndefined();
  });

  it('has a login in it, or takes the one from the environment', () => {
    const own = parseRestLocation(`https://${alice}:p%40ss%2F@example.com/a`, env);
    expect([own.login?.user, own.login?.password.reveal()]).toEqual(['alice', 'p@ss/']);
    expect(own.base.href).toBe('https://example.com/a/');
    expect(own.shown).toBe('rest:https://example.com/a/');
    const other = parseRestLocation('https://example.com/a', env);
    expect([other.login?.user, other.login?.password.reveal()]).toEqual(['env', 'word']);
    expect(parseRestLocation('http+unix:///s:/r', env).shown).toBe('rest:http+unix:///s:/r/');
    expect(JSON.stringify(own)).not.toContain('p@ss');
  });

  it.each([
    '',
    'host/path',
    `ftp://${alice}:secret@example.com/`,
    'http:///path',
    `http://${alice}:secret@example.com:99999/`,
    `http://${alice}:secret%@example.com/`,
    `http://${alice}:secret@example.com/?a=b`,
    `http://${alice}:secret@example.com/#a`,
    'http+unix://relative:/repo',
    'http+unix:///socket',
  ])('refuses %j, and repeats nothing of it', (rest) => {
    let error: unknown;
    try {
      parseRestLocation(rest, {});
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code: 'usage' });
    expect((error as Error).cause).toBeUndefined();
    expect(`${JSON.stringify(error)} ${String(error)}`).not.toContain('secret');
  });
});
