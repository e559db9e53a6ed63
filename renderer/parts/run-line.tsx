/** A run as it goes: a line with named stations, two thin tracks, the time left as a range. Never full before verified. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { RunProgress } from '../../engine/protocol/app-state.ts';
import type { GateView } from '../../engine/protocol/gate-view.ts';
import { GateWords } from './gate-words.tsx';
import { Plain } from './plain.tsx';
import { stationsOf, trackShare } from './run-stations.ts';
import { useFormat } from './use-format.ts';

interface RunLineProps {
  readonly progress: RunProgress;
  /** What its commit waits for. */
  readonly gate?: GateView | undefined;
}

export function RunLine({ progress, gate }: RunLineProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { phase, bytesRead, bytesTotal, bytesStored, errors, leastLeftMs, mostLeftMs, readRate } = progress;
  const isVerified = phase === 'verified';
  const isMoving = phase === 'scanning' || phase === 'uploading';
  const files =
    progress.filesTotal === undefined
      ? t('run.files', { done: format.number(progress.filesDone) })
      : t('run.filesOf', {
          done: format.number(progress.filesDone),
          total: format.number(progress.filesTotal),
        });
  const facts = [
    files,
    ...(readRate === undefined || !isMoving ? [] : [t('run.rate', { rate: format.bytes(readRate) })]),
    // Nobody knows how long a network is rough.
    ...(leastLeftMs === undefined || mostLeftMs === undefined || !isMoving
      ? []
      : [t('run.left', { range: format.range(leastLeftMs, mostLeftMs) })]),
    ...(errors === 0 ? [] : [t('run.readErrors', { count: errors })]),
  ];
  return (
    <div className="run">
      <ol className="stations" aria-label={t('run.progress')}>
        {stationsOf(phase).map(({ station, at }) => (
          <li
            key={station}
            className={`station station-${at} station-is-${station}`}
            {...(at === 'here' ? { 'aria-current': 'step' } : {})}
          >
            <span>{t(`run.${station}`)}</span>
          </li>
        ))}
      </ol>
      {phase === 'waiting' ? <p className="waiting-why">{t('run.waitingWhy')}</p> : null}
      {phase === 'waiting' && gate !== undefined ? <GateWords gate={gate} /> : null}
      {phase === 'opening' ? <p className="quiet">{t('run.opening')}</p> : null}
      <Track
        name={t('run.read')}
        share={trackShare(bytesRead, bytesTotal, isVerified)}
        text={
          bytesTotal === undefined
            ? format.bytes(bytesRead)
            : t('run.ofTotal', { done: format.bytes(bytesRead), total: format.bytes(bytesTotal) })
        }
      />
      <Track
        name={t('run.stored')}
        share={trackShare(bytesStored, bytesTotal, false)}
        text={format.bytes(bytesStored)}
      />
      <Text size="sm" c="dimmed" className="numbers">
        {facts.join(' · ')}
      </Text>
      {progress.currentFile === undefined ? null : (
        <Text size="sm" c="dimmed" className="one-line">
          <Plain text={progress.currentFile} />
        </Text>
      )}
    </div>
  );
}

interface TrackProps {
  readonly name: string;
  readonly share: number | undefined;
  readonly text: string;
}

/** Without a share (the total is not known yet) the track is empty, and the text says how much. */
export function Track({ name, share, text }: TrackProps) {
  const value = share === undefined ? {} : { 'aria-valuenow': Math.floor(share * 100) };
  return (
    <div className="track">
      <span className="track-name">{name}</span>
      <div
        className="track-line"
        role="progressbar"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={text}
        {...value}
      >
        <div style={{ width: `${(share ?? 0) * 100}%` }} />
      </div>
      <span className="track-text">{text}</span>
    </div>
  );
}
