/** A page with nothing on it yet: says the first step, and offers its button. */
import { Button, Text, Title } from '@mantine/core';
import { Icon, type IconName } from './icons.tsx';

interface Props {
  readonly icon: IconName;
  readonly title: string;
  readonly text: string;
  readonly action?: string;
  readonly onAction?: () => void;
}

export function EmptyPage({ icon, title, text, action, onAction }: Props) {
  return (
    <div className="empty">
      <Icon name={icon} size={48} />
      <Title order={2} size="h3">
        {title}
      </Title>
      <Text c="dimmed" maw={440}>
        {text}
      </Text>
      {action === undefined || onAction === undefined ? null : (
        <Button mt="sm" size="md" onClick={onAction}>
          {action}
        </Button>
      )}
    </div>
  );
}
