/** A short word about how something is: a mark of its own shape, then the word. Red only where data is at risk. */
import type { ReactNode } from 'react';

export type Tone = 'good' | 'waiting' | 'risk' | 'quiet';

const marks: Readonly<Record<Tone, string>> = { good: '●', waiting: '◐', risk: '✕', quiet: '○' };

export function StateBadge({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return (
    <span className={`badge badge-${tone}`}>
      <span aria-hidden="true">{marks[tone]}</span> {children}
    </span>
  );
}
