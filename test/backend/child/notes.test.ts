import { expect, it } from 'vitest';
import { Notes } from '../../../engine/backend/child/notes.ts';

it('shows neither a secret that is known nor a login in whatever spelling a server gives it back', () => {
  const told: string[] = [];
  const log = { note: (line: string) => void told.push(line), warn: () => {} };
  const notes = new Notes('rclone', log, ['sesame']);
  notes.hear('ERROR: 401 for alice:sesame');
  notes.hear('ERROR: 400 GET /r Authorization: Basic YWxpY2U6c2VzYW1l Depth: 1');
  notes.hear('ERROR: basic authentication failed');
  expect(told).toEqual([
    'rclone: ERROR: 401 for alice:***',
    'rclone: ERROR: 400 GET /r Authorization: Basic ***',
    'rclone: ERROR: basic ***',
  ]);
  expect(notes.last.join()).not.toMatch(/sesame|YWxpY2U6/);
});
