/** Which app the end-to-end specs get. */
import { describe, expect, it } from 'vitest';
import { chooseApp } from './app-under-test.ts';

const runtime = { folder: '/electron', program: '/electron/electron' };
const why = 'There is no display here.';

describe('the end-to-end specs', () => {
  it('run in real Electron wherever it can run', () => {
    expect(chooseApp(undefined, runtime, undefined)).toEqual({ in: 'electron', runtime });
    expect(chooseApp('', runtime, undefined)).toEqual({ in: 'electron', runtime });
    expect(chooseApp(undefined, runtime, why)).toEqual({ in: 'stand-in' });
    expect(chooseApp(undefined, undefined, why)).toEqual({ in: 'stand-in' });
  });

  it('take the one that is asked for, and fail where it cannot be had', () => {
    expect(chooseApp('stand-in', runtime, undefined)).toEqual({ in: 'stand-in' });
    expect(chooseApp('electron', runtime, undefined)).toEqual({ in: 'electron', runtime });
    expect(() => chooseApp('electron', runtime, why)).toThrow(why);
    expect(() => chooseApp('electron', undefined, why)).toThrow(why);
    expect(() => chooseApp('Electron', runtime, undefined)).toThrow('SLACKWATER_E2E is electron or stand-in');
  });
});
