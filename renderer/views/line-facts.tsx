/** How quick and how sure a vault's store answers, as far as this session has seen. */
import { useTranslation } from 'react-i18next';
import type { LineView } from '../../engine/protocol/line-view.ts';
import { Fact, Facts } from '../parts/facts.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { useFormat } from '../parts/use-format.ts';

export function LineFacts({ line }: { readonly line: LineView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { roundTripMs, up, down, requests, failures, failureShare } = line;
  const rate = (bytes: number): string => t('run.rate', { rate: format.bytes(bytes) });
  if (requests === 0) return null;
  return (
    <Facts>
      {roundTripMs === undefined ? null : (
        <Fact name={t('line.roundTrip')}>{format.milliseconds(roundTripMs)}</Fact>
      )}
      {up === undefined ? null : <Fact name={t('line.up')}>{rate(up)}</Fact>}
      {down === undefined ? null : <Fact name={t('line.down')}>{rate(down)}</Fact>}
      <Fact name={t('line.failures')}>
        {failures === 0
          ? t('line.noFailures', { requests: format.number(requests) })
          : t('line.someFailures', {
              failures: format.number(failures),
              requests: format.number(requests),
              share: format.percent(failureShare),
            })}
      </Fact>
      {(['reads', 'writes'] as const).map((kind) =>
        line[kind].at === 'closed' ? null : (
          <Fact key={kind} name={t(`line.${kind}`)}>
            <StateBadge tone="waiting">
              {t(line[kind].at === 'open' ? 'line.heldBack' : 'line.oneTries')}
            </StateBadge>
          </Fact>
        ),
      )}
    </Facts>
  );
}
