/** How a run ended, in a word. */
import { useTranslation } from 'react-i18next';
import type { RunOutcome } from '../../engine/protocol/app-state.ts';
import { StateBadge, type Tone } from './state-badge.tsx';

const tones: Readonly<Record<RunOutcome['at'], Tone>> = {
  saved: 'good',
  waiting: 'waiting',
  failed: 'waiting',
  cancelled: 'quiet',
  interrupted: 'waiting',
};

export function OutcomeBadge({ outcome }: { readonly outcome: RunOutcome }) {
  const { t } = useTranslation();
  const hasGaps = outcome.at === 'saved' && outcome.errors > 0;
  return (
    <StateBadge tone={hasGaps ? 'waiting' : tones[outcome.at]}>
      {t(`outcome.${hasGaps ? 'incomplete' : outcome.at}`)}
    </StateBadge>
  );
}
