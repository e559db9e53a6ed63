/** The frame of a page: its title, what can be done with the whole of it, its content. */
import { Group, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';

interface Props {
  readonly title: ReactNode;
  readonly name: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, name, actions, children }: Props) {
  useEffect(() => {
    document.title = `${name} – Slackwater`;
  }, [name]);
  return (
    <div className="page">
      <Group justify="space-between" align="center" mb="md" gap="sm">
        <Title order={1} size="h2" className="wrap">
          {title}
        </Title>
        {actions === undefined ? null : <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </div>
  );
}
