/** What a run that ended counted, and the items that it could not read. */
import { useTranslation } from 'react-i18next';
import type { RunRecord } from '../../engine/protocol/app-state.ts';
import { Fact, Facts } from '../parts/facts.tsx';
import { FailureText } from '../parts/failure-note.tsx';
import { Plain } from '../parts/plain.tsx';
import { useFormat } from '../parts/use-format.ts';

export function RunDetails({ run }: { readonly run: RunRecord }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { summary, outcome, itemErrors } = run;
  const errors = outcome.at === 'saved' ? Math.max(outcome.errors, itemErrors.length) : itemErrors.length;
  return (
    <div className="run-details">
      {outcome.at === 'failed' ? (
        <div className="note note-amber">
          <FailureText failure={outcome.failure} />
        </div>
      ) : null}
      <Facts>
        <Fact name={t('activity.started')}>{format.dateTime(run.startedMs)}</Fact>
        <Fact name={t('activity.cause')}>{t(`cause.${run.cause}`)}</Fact>
        {outcome.at === 'saved' ? (
          <Fact name={t('activity.point')}>
            <code title={outcome.snapshotId}>{outcome.snapshotId.slice(0, 8)}</code>
          </Fact>
        ) : null}
        {summary === undefined ? null : (
          <>
            <Fact name={t('activity.filesNew')}>{format.number(summary.filesNew)}</Fact>
            <Fact name={t('activity.filesChanged')}>{format.number(summary.filesChanged)}</Fact>
            <Fact name={t('activity.filesUnmodified')}>{format.number(summary.filesUnmodified)}</Fact>
            <Fact name={t('activity.processed')}>{format.bytes(summary.totalBytesProcessed)}</Fact>
            <Fact name={t('activity.added')}>{format.bytes(summary.dataAddedBytes)}</Fact>
            <Fact name={t('activity.stored')}>{format.bytes(summary.dataAddedPackedBytes)}</Fact>
          </>
        )}
      </Facts>
      {summary === undefined || summary.changedWhileReading === 0 ? null : (
        <p className="quiet">{t('activity.changing', { count: summary.changedWhileReading })}</p>
      )}
      {itemErrors.length === 0 ? null : (
        <>
          <p className="field-label">{t('activity.itemErrors')}</p>
          <ul className="item-errors">
            {itemErrors.map(({ item, message }) => (
              <li key={`${item}\n${message}`}>
                <Plain text={item} />
                <span className="quiet">
                  <Plain text={message} />
                </span>
              </li>
            ))}
          </ul>
          {errors > itemErrors.length ? (
            <p className="quiet">
              {t('activity.moreErrors', {
                shown: format.number(itemErrors.length),
                total: format.number(errors),
              })}
            </p>
          ) : null}
        </>
      )}
    </div>
  );
}
