/** The verdict as a shape: a wave in a circle, seven ways, told apart without colour. As in the tray. */
import type { ReactNode } from 'react';
import type { VerdictKind } from '../../engine/protocol/app-state.ts';

const calmWave = <path d="M8 21c4-4.5 8-4.5 12 0s8 4.5 12 0" />;

const inside: Readonly<Record<VerdictKind, ReactNode>> = {
  protected: calmWave,
  working: (
    <>
      <path d="M8 25c4-3 7-3 10-6s6-6 11-7" />
      <path d="M23.5 11l6 .8-1.6 5.8" />
    </>
  ),
  waiting: <path d="M20 11v9.5l6.5 4" />,
  finishing: <path d="M5 14c5-4 10-3 15-.5s10 3.5 15-.5M13 25l5 5 9-9" />,
  attention: (
    <>
      <path d="M20 10v13" />
      <circle className="dot" cx="20" cy="29" r="2.2" />
    </>
  ),
  failed: <path d="M13.5 13.5l13 13M26.5 13.5l-13 13" />,
  paused: <path d="M15.5 12.5v15M24.5 12.5v15" />,
};

export function VerdictMark({ kind }: { readonly kind: VerdictKind }) {
  return (
    <svg className={`verdict-mark tone-${kind}`} viewBox="0 0 40 40" aria-hidden="true">
      <circle cx="20" cy="20" r="17" />
      {inside[kind]}
    </svg>
  );
}
