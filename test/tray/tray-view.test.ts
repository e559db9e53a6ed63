import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TrayRow, type TrayView, trayView, untilTomorrowMs } from '../../electron/tray/tray-view.ts';
import type { AppState, PendingView, VerdictKind } from '../../engine/protocol/app-state.ts';
import { examplePlan, exampleState } from '../support/electron-stand-in/example-state.ts';
import { exampleTexts } from './example-texts.ts';

const view = (change: Partial<AppState> = {}): TrayView => trayView(exampleState(change), exampleTexts);
const labels = (rows: readonly TrayRow[]): string[] =>
  rows.map((row) => (row.type === 'line' ? '--' : row.label));
const row = ({ rows }: { rows: readonly TrayRow[] }, label: string): TrayRow => {
  const found = rows.find((one) => one.type !== 'line' && one.label === label);
  if (found === undefined) throw new Error(`no row ${label}`);
  return found;
};
const running = {
  at: 'running',
  runId: 'run',
  sinceMs: 0,
  progress: { phase: 'uploading', filesDone: 1, bytesRead: 1, bytesStored: 1, errors: 0 },
} as const;

describe('the tray', () => {
  it('begins with the verdict, and has everything a person needs without the window', () => {
    expect(labels(view().rows)).toEqual([
      'Everything is protected.',
      '--',
      'Back Up Now',
      'Pause',
      'Restore Files…',
      'Vaults: Disk',
      '--',
      'Open Slackwater',
      'Settings…',
      'Quit',
    ]);
  });

  it.each<VerdictKind>(['protected', 'working', 'waiting', 'finishing', 'attention', 'failed', 'paused'])(
    'shows %s as the verdict says, in icon and tooltip',
    (kind) => {
      const shown = view({ verdict: { kind, sentence: 'How it is.' } });
      expect(shown.icon).toBe(kind);
      expect(shown.tooltip).toBe('Slackwater: How it is.');
    },
  );

  it('asks for the one plan without a submenu', () => {
    expect(row(view(), 'Back Up Now')).toMatchObject({ isEnabled: true, wish: { do: 'back-up' } });
  });

  it('names the plans where there are several', () => {
    const plans = [examplePlan('home', 'Home'), { ...examplePlan('work', 'Work'), activity: running }];
    const menu = row(view({ plans }), 'Back Up Now');
    if (menu.type !== 'submenu') throw new Error('no submenu');
    expect(labels(menu.rows)).toEqual(['All', '--', 'Home', 'Work']);
    expect(row(menu, 'Home')).toMatchObject({ isEnabled: true, wish: { do: 'back-up', planId: 'home' } });
    expect(row(menu, 'Work')).toMatchObject({ isEnabled: false });
  });

  it('offers no run where all run already, or where there is no plan', () => {
    const busy = view({ plans: [{ ...examplePlan('home'), activity: running }] });
    expect(row(busy, 'Back Up Now')).toMatchObject({ isEnabled: false });
    expect(row(view({ plans: [] }), 'Back Up Now')).toMatchObject({ isEnabled: false });
  });

  it('offers to stop the run that goes on, and only then', () => {
    expect(labels(view().rows)).not.toContain('Stop This Backup');
    const queued = { at: 'queued', sinceMs: 0 } as const;
    const plans = [
      examplePlan('home', 'Home'),
      { ...examplePlan('work', 'Work'), activity: running },
      { ...examplePlan('art', 'Art'), activity: queued },
    ];
    const one = view({ plans });
    expect(row(one, 'Stop This Backup')).toMatchObject({
      isEnabled: true,
      wish: { do: 'stop', planId: 'work' },
    });
    const two = row(view({ plans: [...plans, { ...plans[0]!, activity: running }] }), 'Stop');
    if (two.type !== 'submenu') throw new Error('no submenu');
    expect(labels(two.rows)).toEqual(['Work', 'Home']);
    expect(row(two, 'Home')).toMatchObject({ wish: { do: 'stop', planId: 'home' } });
  });

  it('offers to finish what waits, whatever waits for it, and only then', () => {
    expect(labels(view().rows)).not.toContain('Finish Now');
    const waits: PendingView = {
      ...{ id: 'c', location: '/vault', sources: [], sealedMs: 0, unsentBytes: 0 },
      at: 'waiting',
      vaultId: 'vault',
    };
    const activity = { at: 'waiting', sinceMs: 0 } as const;
    const sealed = view({ pending: [waits], plans: [{ ...examplePlan('home'), activity }] });
    expect(row(sealed, 'Finish Now')).toMatchObject({ isEnabled: true, wish: { do: 'finish-now' } });
    // A set that waits may run again.
    expect(row(sealed, 'Back Up Now')).toMatchObject({ isEnabled: true });
    const phase = { ...running, progress: { ...running.progress, phase: 'waiting' } } as const;
    const run = view({ plans: [{ ...examplePlan('home'), activity: phase }] });
    expect(labels(run.rows)).toContain('Finish Now');
    expect(run.rows.filter(({ type }) => type !== 'line')).toHaveLength(10);
    const { vaultId: _, ...foreign } = waits;
    for (const one of [foreign, { ...waits, at: 'finishing' } as const])
      expect(labels(view({ pending: [one] }).rows)).not.toContain('Finish Now');
  });

  it('leads to the settings', () => {
    expect(row(view(), 'Settings…')).toMatchObject({ wish: { do: 'open', page: 'settings' } });
  });

  it('offers to resume while paused, and only then', () => {
    expect(labels(view().rows)).not.toContain('Resume');
    const paused = view({ paused: {} });
    expect(row(paused, 'Resume')).toMatchObject({ wish: { do: 'resume' } });
    expect(labels(paused.rows)).not.toContain('Pause');
  });

  it('has no vault to show or restore from on the first day', () => {
    const first = view({ plans: [], vaults: [] });
    expect(row(first, 'Restore Files…')).toMatchObject({ isEnabled: false });
    expect(labels(first.rows).some((label) => label.startsWith('Vaults'))).toBe(false);
  });

  it('shows names of other people on one line, and their ampersands', () => {
    const plans = [examplePlan('a', 'R&D\n\u202egnp.exe'), examplePlan('b')];
    const menu = row(view({ plans }), 'Back Up Now');
    expect(menu.type === 'submenu' && labels(menu.rows)[2]).toBe('R&&D gnp.exe');
  });

  it('is never longer than a menu may be', () => {
    const anyText = fc.string({ unit: 'grapheme', maxLength: 300 });
    fc.assert(
      fc.property(anyText, fc.nat(40), fc.nat(3), fc.boolean(), (sentence, planCount, vaultCount, isBusy) => {
        const [vault] = exampleState().vaults;
        const shown = view({
          verdict: { kind: 'protected', sentence },
          plans: Array.from({ length: planCount }, (_, index) => ({
            ...examplePlan(`plan-${index}`, sentence),
            ...(isBusy ? { activity: running } : {}),
          })),
          vaults: Array.from({ length: vaultCount }, () => vault!),
        });
        expect(shown.rows.filter(({ type }) => type !== 'line').length).toBeLessThanOrEqual(10);
        expect(shown.rows.length).toBeLessThanOrEqual(12);
        expect([...shown.tooltip].length).toBeLessThanOrEqual(127);
        for (const label of labels(shown.rows)) expect(label.length).toBeLessThanOrEqual(2 * 160);
        expect(shown.tooltip).not.toMatch(/\p{Cc}/u);
      }),
    );
  });

  it('means by tomorrow the morning of the next day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), (nowMs) => {
        const until = new Date(nowMs + untilTomorrowMs(nowMs));
        expect([until.getHours(), until.getMinutes()]).toEqual([6, 0]);
        expect(untilTomorrowMs(nowMs)).toBeGreaterThan(4 * 3_600_000);
        expect(untilTomorrowMs(nowMs)).toBeLessThanOrEqual(32 * 3_600_000);
      }),
    );
  });
});
