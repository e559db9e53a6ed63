/** The restore points of a vault, page by page. */
import { Button, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SnapshotRow } from '../../engine/protocol/app-calls.ts';
import { EmptyPage } from '../parts/empty-page.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Pager } from '../parts/pager.tsx';
import { Plain } from '../parts/plain.tsx';
import { useAnswer } from '../parts/use-ask.ts';
import { useFormat } from '../parts/use-format.ts';
import { When } from '../parts/when.tsx';
import { goTo } from '../route.ts';
import { useApp } from '../use-app-state.ts';

const pageSize = 25;

interface Props {
  readonly vaultId: string;
  onChoose(snapshot: SnapshotRow): void;
}

export function SnapshotList({ vaultId, onChoose }: Props) {
  const { t } = useTranslation();
  const { state, calls } = useApp();
  const [page, setPage] = useState(0);
  // A run that ended may have made a restore point.
  const { answered, again } = useAnswer(`${vaultId} ${page} ${state.runs[0]?.id ?? ''}`, () =>
    calls.listSnapshots({ vaultId, start: page * pageSize, count: pageSize }),
  );
  if (answered.at === 'asking') return <p className="quiet">{t('common.loading')}</p>;
  if (answered.at === 'failed') return <FailureNote failure={answered.failure} again={again} />;
  const { rows, total } = answered.answer;
  if (total === 0) {
    return (
      <EmptyPage
        icon="restore"
        title={t('restore.noPointsTitle')}
        text={t('restore.noPointsText')}
        action={t('restore.toOverview')}
        onAction={() => goTo('overview')}
      />
    );
  }
  return (
    <>
      <Title order={2} size="h4" mb="xs">
        {t('restore.points')}
      </Title>
      {answered.answer.isCopy === true ? <p className="waiting-why">{t('restore.fromCopy')}</p> : null}
      <ul className="rows">
        {rows.map((snapshot) => (
          <li key={snapshot.id}>
            <SnapshotLine snapshot={snapshot} onChoose={() => onChoose(snapshot)} />
          </li>
        ))}
      </ul>
      <Pager page={page} pageSize={pageSize} total={total} onPage={setPage} />
    </>
  );
}

function SnapshotLine({ snapshot, onChoose }: { readonly snapshot: SnapshotRow; onChoose(): void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const when = format.dateTime(snapshot.timeMs);
  const counts = [
    ...(snapshot.files === undefined ? [] : [t('run.files', { done: format.number(snapshot.files) })]),
    ...(snapshot.bytes === undefined ? [] : [format.bytes(snapshot.bytes)]),
  ];
  return (
    <div className="row" title={snapshot.id}>
      <div className="row-text">
        <span className="numbers">
          {when}{' '}
          <span className="quiet">
            · <When ms={snapshot.timeMs} />
          </span>
        </span>
        <Text size="sm" c="dimmed" className="one-line">
          <Plain text={snapshot.hostname} /> · <Plain text={snapshot.paths.join(', ')} />
        </Text>
        <Text size="sm" c="dimmed" className="one-line numbers">
          {counts.join(' · ')}
          {snapshot.tags.length === 0 ? null : (
            <>
              {' '}
              · <Plain text={snapshot.tags.join(', ')} />
            </>
          )}
        </Text>
      </div>
      <Button variant="default" aria-label={t('restore.browsePoint', { when })} onClick={onChoose}>
        {t('restore.browse')}
      </Button>
    </div>
  );
}
