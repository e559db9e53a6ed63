/** How far the regions of a vault's provider are: rows by their median, ours outlined, a clearly nearer one filled. */
import { Button, Group, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RegionRow, RegionsView } from '../../engine/protocol/region-view.ts';
import { kindOfLocation } from '../../engine/protocol/store-kinds.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { useAsk } from '../parts/use-ask.ts';
import { useFormat } from '../parts/use-format.ts';
import { useApp } from '../use-app-state.ts';

interface Props {
  readonly location: string;
  /** Nothing is there yet that would have to be sent again. */
  readonly isNew: boolean;
  /** Requests to it fail or are slow: then there is a reason to ask. */
  readonly isTroubled?: boolean;
}

type Measured = Extract<RegionsView, { at: 'measured' }>;

/** Only for kinds of stores that have regions. */
export function CompareRegions(props: Props) {
  const { id } = kindOfLocation(props.location);
  // What was measured belongs to the location: another one, another comparison.
  return id === 's3' || id === 'b2' ? <Comparison key={props.location} {...props} /> : null;
}

function Comparison({ location, isNew, isTroubled = false }: Props) {
  const { t } = useTranslation();
  const { calls } = useApp();
  const { run, isBusy, failure } = useAsk();
  const [found, setFound] = useState<RegionsView>();
  useStopWhenGone(isBusy);
  const compare = async (): Promise<void> => setFound(await calls.compareRegions({ location }));
  const isStopped = failure?.code === 'cancelled';
  return (
    <div className="part">
      {isTroubled && found === undefined ? <p className="regions-hint">{t('regions.troubled')}</p> : null}
      <Group gap="xs">
        <Button variant="default" loading={isBusy} onClick={() => void run(compare)}>
          {t(found === undefined ? 'regions.compare' : 'regions.again')}
        </Button>
        {isBusy ? (
          <Button variant="subtle" onClick={() => void calls.stopComparing(undefined).catch(() => undefined)}>
            {t('regions.stop')}
          </Button>
        ) : null}
      </Group>
      <FailureNote failure={isStopped ? undefined : failure} />
      <div aria-live="polite">
        {isBusy ? (
          <Text size="sm" mt="xs">
            {t('regions.measuring')}
          </Text>
        ) : found === undefined ? null : (
          <Found found={found} isNew={isNew} />
        )}
      </div>
    </div>
  );
}

/** Nobody waits for the answer any more when the page is left. */
function useStopWhenGone(isBusy: boolean): void {
  const { calls } = useApp();
  const busy = useRef(isBusy);
  busy.current = isBusy;
  useEffect(
    () => () => {
      if (busy.current) void calls.stopComparing(undefined).catch(() => undefined);
    },
    [calls],
  );
}

function Found({ found, isNew }: { readonly found: RegionsView; readonly isNew: boolean }) {
  const { t } = useTranslation();
  if (found.at === 'unknown') return <p className="quiet">{t('regions.unknown')}</p>;
  return (
    <>
      <Hint found={found} isNew={isNew} />
      <RegionTable found={found} />
    </>
  );
}

function Hint({ found, isNew }: { readonly found: Measured; readonly isNew: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { provider, better, rows } = found;
  if (better === undefined) {
    const hasOwn = rows.some(({ ours }) => ours);
    return <p className="regions-hint">{t(hasOwn ? 'regions.ownBest' : 'regions.noOwn', { provider })}</p>;
  }
  const values = {
    region: better.id,
    better: format.latency(better.betterMs),
    ours: format.latency(better.oursMs),
    count: better.samples,
  };
  return (
    <div className="note note-good">
      <Text size="sm" className="numbers">
        {t(isNew ? 'regions.betterNew' : 'regions.better', values)}
      </Text>
    </div>
  );
}

function RegionTable({ found: { provider, rows, better } }: { readonly found: Measured }) {
  const { t } = useTranslation();
  const mostMs = Math.max(1, ...rows.map((row) => row.mostMs ?? 0));
  return (
    <table className="regions numbers">
      <caption className="hidden-words">{t('regions.table', { provider })}</caption>
      <thead>
        <tr>
          <th scope="col">{t('regions.region')}</th>
          <th scope="col" colSpan={2}>
            {t('regions.latency')}
          </th>
          <th scope="col">{t('regions.samples')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.id} row={row} mostMs={mostMs} isBetter={row.id === better?.id} />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly row: RegionRow;
  readonly mostMs: number;
  readonly isBetter: boolean;
}

function Row({ row, mostMs, isBetter }: RowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { id, place, ours, samples, medianMs } = row;
  return (
    <tr className={ours ? 'region-ours' : isBetter ? 'region-better' : ''}>
      <th scope="row">
        {id} {ours ? <span className="region-mark">{t('regions.ours')}</span> : null}
        <span className="quiet region-place">{place}</span>
      </th>
      <td className="region-bar">
        <Whisker row={row} mostMs={mostMs} />
      </td>
      <td>{medianMs === undefined ? t('regions.noAnswer') : format.latency(medianMs)}</td>
      <td>{format.number(samples)}</td>
    </tr>
  );
}

/** A dot where half of the answers were, a line to where 19 of 20 were. */
function Whisker({ row: { medianMs, mostMs }, mostMs: scaleMs }: Omit<RowProps, 'isBetter'>) {
  const { t } = useTranslation();
  const format = useFormat();
  if (medianMs === undefined || mostMs === undefined) return null;
  const x = (ms: number): number => 4 + (ms / scaleMs) * 92;
  const text = t('regions.bar', { usual: format.latency(medianMs), rare: format.latency(mostMs) });
  return (
    <svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={text}>
      <path className="region-whisker" d={`M${x(medianMs)} 5H${x(mostMs)}`} />
      <path className="region-dot" d={`M${x(medianMs)} 5h0.01`} />
    </svg>
  );
}
