/** Every run: how it ended, what it counted, what it could not read. The newest first, in pages. */
import { Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Page as Rows } from '../../engine/protocol/app-calls.ts';
import type { RunRecord } from '../../engine/protocol/app-state.ts';
import { EmptyPage } from '../parts/empty-page.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { OutcomeBadge } from '../parts/outcome-badge.tsx';
import { Page } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { Plain } from '../parts/plain.tsx';
import { useAnswer } from '../parts/use-ask.ts';
import { useFormat } from '../parts/use-format.ts';
import { When } from '../parts/when.tsx';
import { goTo } from '../route.ts';
import { useApp } from '../use-app-state.ts';
import { RunDetails } from './run-details.tsx';

const pageSize = 25;

export function ActivityPage() {
  const { t } = useTranslation();
  const { state, calls } = useApp();
  const [page, setPage] = useState(0);
  const newest = state.runs[0]?.id ?? 'none';
  const { answered, again } = useAnswer(`${page} ${newest}`, () =>
    calls.listRuns({ start: page * pageSize, count: pageSize }),
  );
  // The state has the newest hundred: they are there at once, the rest is asked for.
  const fromState: Rows<RunRecord> = {
    rows: state.runs.slice(page * pageSize, (page + 1) * pageSize),
    total: state.runs.length,
  };
  const { rows, total } = answered.at === 'answered' ? answered.answer : fromState;
  const name = t('pages.activity');
  if (total === 0 && page === 0) {
    return (
      <Page name={name} title={name}>
        <FailureNote failure={answered.at === 'failed' ? answered.failure : undefined} again={again} />
        <EmptyPage
          icon="activity"
          title={t('activity.emptyTitle')}
          text={t('activity.emptyText')}
          action={t('restore.toOverview')}
          onAction={() => goTo('overview')}
        />
      </Page>
    );
  }
  return (
    <Page name={name} title={name}>
      <FailureNote failure={answered.at === 'failed' ? answered.failure : undefined} again={again} />
      <ul className="rows">
        {rows.map((run) => (
          <li key={run.id}>
            <RunRow run={run} />
          </li>
        ))}
      </ul>
      <Pager page={page} pageSize={pageSize} total={total} onPage={setPage} />
    </Page>
  );
}

function RunRow({ run }: { readonly run: RunRecord }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <details className="run-row">
      <summary>
        <span className="run-name one-line">
          <Plain text={run.planName} />
        </span>
        <OutcomeBadge outcome={run.outcome} />
        <Text component="span" size="sm" c="dimmed" className="numbers run-when">
          <When ms={run.startedMs} /> · {format.duration(run.endedMs - run.startedMs)}
          {run.summary === undefined
            ? ''
            : ` · ${t('activity.added')} ${format.bytes(run.summary.dataAddedBytes)}`}
        </Text>
      </summary>
      <RunDetails run={run} />
    </details>
  );
}
