/** What a commit waits for, what was measured, and a countdown to the next look that counts. */
import { useTranslation } from 'react-i18next';
import { areFiguresTelling, type GateView, gateReason } from '../../engine/protocol/gate-view.ts';
import { useFormat } from './use-format.ts';
import { useNow } from './use-now.ts';

const secondMs = 1_000;

export function GateWords({ gate }: { readonly gate: GateView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow(secondMs);
  const reason = gateReason(gate);
  if (reason === undefined) return null;
  const { roundTripMs, lossPercent, nextLookMs } = gate;
  const figures = [
    ...(roundTripMs === undefined ? [] : [t('gate.latency', { ms: format.latency(roundTripMs) })]),
    ...(lossPercent < 0.5 ? [] : [t('gate.loss', { share: format.percent(lossPercent / 100) })]),
  ];
  const words = [
    t(`gate.${reason}`),
    ...(areFiguresTelling(reason) ? figures : []),
    ...(nextLookMs === undefined
      ? []
      : nextLookMs > now
        ? [t('gate.next', { left: format.duration(nextLookMs - now) })]
        : [t('gate.looking')]),
  ];
  return <p className="waiting-why numbers">{words.join(' ')}</p>;
}
