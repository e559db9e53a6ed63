/** Sleep and waking, battery and mains as facts: from Electron's `powerMonitor`, or where there is none from a jump of the clock. */

type SleepFact = { readonly type: 'suspend' } | { readonly type: 'resume' };
type PowerFact = SleepFact | { readonly type: 'power'; readonly onBattery: boolean };

/** What we use of Electron's `powerMonitor`. */
export interface PowerMonitor {
  on(event: 'suspend' | 'resume' | 'on-battery' | 'on-ac', listener: () => void): unknown;
  isOnBatteryPower(): boolean;
}

export function watchPower(powerMonitor: PowerMonitor, tell: (fact: PowerFact) => void): void {
  powerMonitor.on('suspend', () => tell({ type: 'suspend' }));
  powerMonitor.on('resume', () => tell({ type: 'resume' }));
  powerMonitor.on('on-battery', () => tell({ type: 'power', onBattery: true }));
  powerMonitor.on('on-ac', () => tell({ type: 'power', onBattery: false }));
  tell({ type: 'power', onBattery: powerMonitor.isOnBatteryPower() });
}

interface Clock {
  nowMs(): number;
  after(ms: number, run: () => void): () => void;
}

const lookMs = 30_000;
/** A timer that is so late was not busy: the machine slept. */
const lateMs = 60_000;

/** The answer ends it. */
export function watchClock(clock: Clock, tell: (fact: SleepFact) => void): () => void {
  let cancel = () => {};
  const look = () => {
    const beganMs = clock.nowMs();
    cancel = clock.after(lookMs, () => {
      if (clock.nowMs() - beganMs > lookMs + lateMs) tell({ type: 'resume' });
      look();
    });
  };
  look();
  return () => cancel();
}
