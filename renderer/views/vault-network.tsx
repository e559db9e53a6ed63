/** How good the network to a vault's own host is: a word, the latency over time, figures, and a look when asked for. */
import { Button, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { NetworkHistory, VaultView } from '../../engine/protocol/app-state.ts';
import type { NetworkView } from '../../engine/protocol/network-view.ts';
import { kindOfLocation } from '../../engine/protocol/store-kinds.ts';
import { Fact, Facts } from '../parts/facts.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { QualityGraph } from '../parts/quality-graph.tsx';
import { qualityFigures } from '../parts/quality-shape.ts';
import { StateBadge, type Tone } from '../parts/state-badge.tsx';
import { useAsk } from '../parts/use-ask.ts';
import { useFormat } from '../parts/use-format.ts';
import { useApp } from '../use-app-state.ts';

const tones: Readonly<Record<NetworkView['level'], Tone>> = {
  good: 'good',
  weak: 'waiting',
  offline: 'waiting',
  unknown: 'quiet',
};

/** Nothing for a folder of this computer. */
export function VaultNetwork({ view: { vault, network } }: { readonly view: VaultView }) {
  const { t } = useTranslation();
  const { calls } = useApp();
  const { run, isBusy, failure } = useAsk();
  if (kindOfLocation(vault.location).id === 'local') return null;
  return (
    <div className="part network">
      <div className="part-head">
        <Title order={3} size="h5">
          {t('network.title')}
        </Title>
        {network === undefined ? null : (
          <StateBadge tone={tones[network.view.level]}>{t(`network.${network.view.level}`)}</StateBadge>
        )}
        <Button
          variant="default"
          size="xs"
          loading={isBusy}
          onClick={() => void run(() => calls.probeVault({ vaultId: vault.id }))}
        >
          {t('network.look')}
        </Button>
      </div>
      <FailureNote failure={failure} />
      {network === undefined || network.samples.length === 0 ? (
        <p className="quiet">{t('network.none')}</p>
      ) : (
        <>
          <QualityGraph {...network} />
          <NetworkFacts {...network} />
        </>
      )}
    </div>
  );
}

function NetworkFacts({ view, samples }: NetworkHistory) {
  const { t } = useTranslation();
  const format = useFormat();
  const { count, lost, usualMs, rareMs } = qualityFigures(samples);
  const { jitterMs, goodput } = view;
  return (
    <Facts>
      {usualMs === undefined ? null : <Fact name={t('network.usual')}>{format.latency(usualMs)}</Fact>}
      {rareMs === undefined ? null : <Fact name={t('network.rare')}>{format.latency(rareMs)}</Fact>}
      {jitterMs === undefined ? null : <Fact name={t('network.jitter')}>{format.latency(jitterMs)}</Fact>}
      <Fact name={t('network.lost')}>{t('network.lostOf', { lost, count })}</Fact>
      {goodput === undefined ? null : (
        <Fact name={t('network.goodput')}>{t('run.rate', { rate: format.bytes(goodput) })}</Fact>
      )}
    </Facts>
  );
}
