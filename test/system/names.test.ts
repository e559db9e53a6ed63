import { userInfo } from 'node:os';
import { expect, it } from 'vitest';
import { nameBook, parseNames } from '../../engine/system/names.ts';

const passwd = `root:x:0:0:root:/root:/bin/sh
# comment:x:7:7::/:
+nis:x:8:8:::
-no:x:9:9:::
short:x:10
word:x:eleven:1:::
first:x:12:1::/:
second:x:12:1::/:
noshell:x:13:1::/home
`;

it('finds what Go finds in /etc/passwd', () => {
  expect([...parseNames(passwd, 7)]).toEqual([
    [0, 'root'],
    [12, 'first'],
    [13, 'noshell'],
  ]);
});

it('finds groups without members', () => {
  expect([...parseNames('wheel:x:5:\nbare:x:6\n', 4)]).toEqual([
    [5, 'wheel'],
    [6, 'bare'],
  ]);
});

it.skipIf(process.platform === 'win32')(
  'knows who runs this, and says nothing of numbers without name',
  () => {
    const { uid, username } = userInfo();
    expect(nameBook().user(uid)).toBe(username);
    expect(nameBook().user(3_999_999_999)).toBeUndefined();
    expect(nameBook().group(3_999_999_999)).toBeUndefined();
  },
);
