/** Latency over time with the threshold drawn through it; a lost probe is a stroke from below, an outage a gap. */
import { useTranslation } from 'react-i18next';
import type { NetworkHistory } from '../../engine/protocol/app-state.ts';
import { heightOf, type Point, qualityFigures, qualityShape, scaleMs } from './quality-shape.ts';
import { useFormat } from './use-format.ts';
import { useNow } from './use-now.ts';

/** The field in which the lines are drawn; it is stretched to the room there is. */
const width = 600;
const height = 100;

export function QualityGraph({ view, samples }: NetworkHistory) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { count, lost, usualMs, rareMs } = qualityFigures(samples);
  const { lines, lostX, thresholdY, startMs } = qualityShape(samples, view.answerMsMax, now);
  const limit = format.latency(view.answerMsMax);
  const text =
    usualMs === undefined || rareMs === undefined
      ? t('network.graphAllLost', { count })
      : t('network.graph', {
          count,
          lost,
          limit,
          usual: format.latency(usualMs),
          rare: format.latency(rareMs),
        });
  return (
    <figure className="quality numbers">
      <div className="quality-scale" aria-hidden="true">
        {scaleMs.map((ms) => (
          <span key={ms} style={{ bottom: `${heightOf(ms) * 100}%` }}>
            {format.latency(ms)}
          </span>
        ))}
      </div>
      <svg
        className="quality-field"
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={text}
      >
        {scaleMs.map((ms) => (
          <path key={ms} className="quality-grid" d={across(heightOf(ms))} />
        ))}
        {lostX.map((x) => (
          <path key={x} className="quality-lost" d={`M${round(x * width)} ${height}v${-height * 0.25}`} />
        ))}
        <path className="quality-threshold" d={across(thresholdY)} />
        {lines.map((points) => (
          <path
            key={points[0]?.x}
            className={points.length === 1 ? 'quality-line quality-dot' : 'quality-line'}
            d={along(points)}
          />
        ))}
      </svg>
      <div className="quality-time quiet">
        <span>{format.relative(startMs, now)}</span>
        <span>{t('network.now')}</span>
      </div>
      <figcaption className="quality-legend quiet">
        <span className="quality-key-threshold">{t('network.threshold', { limit })}</span>
        {lost === 0 ? null : <span className="quality-key-lost">{t('network.lostMark')}</span>}
      </figcaption>
    </figure>
  );
}

function across(y: number): string {
  return `M0 ${round((1 - y) * height)}H${width}`;
}

/** A single sample is a dot: a line of no length with round ends. */
function along(points: readonly Point[]): string {
  const places = points.map(({ x, y }) => `${round(x * width)} ${round((1 - y) * height)}`);
  return places.length === 1 ? `M${places[0]}h0.01` : `M${places.join('L')}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
