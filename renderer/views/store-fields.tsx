/** What a kind of store asks for, one field after the other, as the treaty's table has them; what hardly anybody needs is folded. */
import { NativeSelect, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { StoreField, StoreKind, StoreValues } from '../../engine/protocol/store-kinds.ts';
import { PathField } from '../parts/path-field.tsx';

interface Props {
  readonly kind: StoreKind;
  /** Only these of its fields. */
  readonly fields?: readonly StoreField[];
  readonly values: StoreValues;
  onValues(values: StoreValues): void;
}

export function StoreFields({ kind, fields = kind.fields, values, onValues }: Props) {
  const { t } = useTranslation();
  const show = (field: StoreField) => (
    <OneField
      key={field.id}
      field={field}
      value={values[field.id] ?? ''}
      onValue={(value) => onValues({ ...values, [field.id]: value })}
    />
  );
  const rare = fields.filter(({ isRare }) => isRare === true);
  return (
    <Stack gap="md">
      {fields.filter(({ isRare }) => isRare !== true).map(show)}
      {rare.length === 0 ? null : (
        <details className="fold">
          <summary>{t('stores.rare')}</summary>
          <Stack gap="md" mt="xs">
            {rare.map(show)}
          </Stack>
        </details>
      )}
    </Stack>
  );
}

interface FieldProps {
  readonly field: StoreField;
  readonly value: string;
  onValue(value: string): void;
}

function OneField({ field: { id, kind, choices = [] }, value, onValue }: FieldProps) {
  const { t } = useTranslation();
  const label = t(`storeFields.${id}`);
  const description = t(`storeHints.${id}`);
  if (kind === 'path') {
    return <PathField label={label} description={description} value={value} onChange={onValue} />;
  }
  if (kind === 'choice') {
    return (
      <NativeSelect
        label={label}
        description={description}
        value={value}
        data={choices.map((choice) => ({ value: choice, label: t(`storeChoices.${choice}`) }))}
        onChange={(event) => onValue(event.currentTarget.value)}
      />
    );
  }
  if (kind === 'secret') {
    return (
      <PasswordInput
        label={label}
        description={description}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': `${t('place.showPassword')}: ${label}`, tabIndex: 0 }}
        value={value}
        onChange={(event) => onValue(event.currentTarget.value)}
      />
    );
  }
  return (
    <TextInput
      label={label}
      description={description}
      spellCheck={false}
      autoComplete="off"
      value={value}
      onChange={(event) => onValue(event.currentTarget.value)}
    />
  );
}
