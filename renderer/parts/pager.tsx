/** Walks through a long list page by page. Nothing where one page holds it all. */
import { Group, Pagination, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from './use-format.ts';

interface Props {
  /** From 0. */
  readonly page: number;
  readonly pageSize: number;
  readonly total: number;
  onPage(page: number): void;
}

export function Pager({ page, pageSize, total, onPage }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  if (total <= pageSize) return null;
  const controls = {
    previous: 'common.previousPage',
    next: 'common.nextPage',
    first: 'common.firstPage',
    last: 'common.lastPage',
  } as const;
  return (
    <Group justify="space-between" mt="md">
      <Text size="sm" c="dimmed">
        {t('common.rowsShown', {
          first: format.number(page * pageSize + 1),
          last: format.number(Math.min(total, (page + 1) * pageSize)),
          total: format.number(total),
        })}
      </Text>
      <Pagination
        total={Math.ceil(total / pageSize)}
        value={page + 1}
        onChange={(value) => onPage(value - 1)}
        getControlProps={(control) => ({ 'aria-label': t(controls[control]) })}
        getItemProps={(number) => ({ 'aria-label': t('common.pageNumber', { page: number }) })}
      />
    </Group>
  );
}
