/** The folders of a restore point: down by opening, up by the path, a long folder page by page. */
import { Breadcrumbs, Button, Group, Text, Title, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FolderRow, SnapshotRow } from '../../engine/protocol/app-calls.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { Icon } from '../parts/icons.tsx';
import { Pager } from '../parts/pager.tsx';
import { Plain } from '../parts/plain.tsx';
import { useAnswer } from '../parts/use-ask.ts';
import { useFormat } from '../parts/use-format.ts';
import { When } from '../parts/when.tsx';
import { plainText } from '../text/plain-text.ts';
import { useApp } from '../use-app-state.ts';
import { RestoreChoice } from './restore-choice.tsx';

const pageSize = 100;

/** A place in the restore point: its path as bytes for the app, its name for people. */
export interface Place {
  readonly path: string;
  readonly name: string;
}

interface Props {
  readonly vaultId: string;
  readonly snapshot: SnapshotRow;
  onLeave(): void;
}

export function FolderBrowser({ vaultId, snapshot, onLeave }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const root: Place = { path: '/', name: t('restore.root') };
  const [below, setBelow] = useState<readonly Place[]>([]);
  const [restoring, setRestoring] = useState<Place>();
  const way = [root, ...below];
  const here = way.at(-1) ?? root;
  return (
    <>
      <div className="section-head">
        <Title order={2} size="h4">
          {t('restore.pointOf', { when: format.dateTime(snapshot.timeMs) })}
        </Title>
        <Group gap="xs">
          <Button variant="default" onClick={onLeave}>
            {t('restore.otherPoint')}
          </Button>
          <Button onClick={() => setRestoring(here)}>{t('restore.restoreThis')}</Button>
        </Group>
      </div>
      <nav aria-label={t('restore.path')} className="way">
        <Breadcrumbs separatorMargin={4}>
          {way.map((place, depth) =>
            place === here ? (
              <span key={place.path} className="way-here" aria-current="location">
                <Plain text={place.name} />
              </span>
            ) : (
              <UnstyledButton
                key={place.path}
                className="link"
                onClick={() => setBelow(below.slice(0, depth))}
              >
                <Plain text={place.name} />
              </UnstyledButton>
            ),
          )}
        </Breadcrumbs>
      </nav>
      <FolderList
        key={here.path}
        vaultId={vaultId}
        snapshotId={snapshot.id}
        path={here.path}
        onOpen={(place) => setBelow([...below, place])}
        onRestore={setRestoring}
      />
      {restoring === undefined ? null : (
        <RestoreChoice
          vaultId={vaultId}
          snapshotId={snapshot.id}
          place={restoring}
          onClose={() => setRestoring(undefined)}
        />
      )}
    </>
  );
}

interface ListProps {
  readonly vaultId: string;
  readonly snapshotId: string;
  readonly path: string;
  onOpen(place: Place): void;
  onRestore(place: Place): void;
}

function FolderList({ vaultId, snapshotId, path, onOpen, onRestore }: ListProps) {
  const { t } = useTranslation();
  const { calls } = useApp();
  const [page, setPage] = useState(0);
  const { answered, again } = useAnswer(`${vaultId} ${snapshotId} ${page} ${path}`, () =>
    calls.listFolder({ vaultId, snapshotId, path, start: page * pageSize, count: pageSize }),
  );
  if (answered.at === 'asking') return <p className="quiet">{t('common.loading')}</p>;
  if (answered.at === 'failed') return <FailureNote failure={answered.failure} again={again} />;
  const { rows, total } = answered.answer;
  if (total === 0) return <p className="quiet">{t('restore.emptyFolder')}</p>;
  return (
    <>
      {answered.answer.isCopy === true ? <p className="waiting-why">{t('restore.fromCopy')}</p> : null}
      <ul className="rows">
        {rows.map((row) => (
          <li key={row.path}>
            <FolderLine row={row} onOpen={() => onOpen(row)} onRestore={() => onRestore(row)} />
          </li>
        ))}
      </ul>
      <Pager page={page} pageSize={pageSize} total={total} onPage={setPage} />
    </>
  );
}

interface LineProps {
  readonly row: FolderRow;
  onOpen(): void;
  onRestore(): void;
}

function FolderLine({ row, onOpen, onRestore }: LineProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const isFolder = row.type === 'dir';
  return (
    <div className="row">
      <Icon name={isFolder ? 'folder' : 'file'} />
      <div className="row-text">
        {isFolder ? (
          <UnstyledButton
            className="link one-line"
            aria-label={t('restore.openFolder', { name: plainText(row.name) })}
            onClick={onOpen}
          >
            <Plain text={row.name} />
          </UnstyledButton>
        ) : (
          <span className="one-line">
            <Plain text={row.name} />
          </span>
        )}
        <Text size="sm" c="dimmed" className="numbers">
          {row.type === 'file' ? `${format.bytes(row.sizeBytes)} · ` : ''}
          <When ms={row.mtimeMs} />
        </Text>
      </div>
      <Button
        variant="default"
        aria-label={t('restore.restoreNamed', { name: plainText(row.name) })}
        onClick={onRestore}
      >
        {t('restore.restoreItem')}
      </Button>
    </div>
  );
}
