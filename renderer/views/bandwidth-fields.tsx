/** How much of the line stores across a network may take; it holds at once, whatever goes on. */
import { NumberInput, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Bandwidth } from '../../engine/protocol/settings.ts';

const kib = 1_024;
const kibMax = 1e9;

interface Props {
  readonly bandwidth: Bandwidth;
  onBandwidth(bandwidth: Bandwidth): void;
}

export function BandwidthFields({ bandwidth, onBandwidth }: Props) {
  const { t } = useTranslation();
  const change = (way: 'up' | 'down', bytes: number | undefined): void => {
    const { [way]: _, ...other } = bandwidth;
    onBandwidth(bytes === undefined ? other : { ...other, [way]: bytes });
  };
  return (
    <Stack gap="lg">
      <OneLimit
        key={`up ${bandwidth.up}`}
        label={t('settings.limitUp')}
        description={t('settings.limitWhy')}
        bytes={bandwidth.up}
        onBytes={(bytes) => change('up', bytes)}
      />
      <OneLimit
        key={`down ${bandwidth.down}`}
        label={t('settings.limitDown')}
        bytes={bandwidth.down}
        onBytes={(bytes) => change('down', bytes)}
      />
    </Stack>
  );
}

interface LimitProps {
  readonly label: string;
  readonly description?: string;
  readonly bytes: number | undefined;
  onBytes(bytes: number | undefined): void;
}

/** Said when it is typed to its end: on the way to 500 there is a 5. */
function OneLimit({ label, description, bytes, onBytes }: LimitProps) {
  const [typed, setTyped] = useState<number | string>(bytes === undefined ? '' : Math.round(bytes / kib));
  const end = (): void => {
    const wanted = typed === '' || Number(typed) <= 0 ? undefined : Number(typed) * kib;
    if (wanted !== bytes) onBytes(wanted);
  };
  return (
    <NumberInput
      label={label}
      {...(description === undefined ? {} : { description })}
      min={0}
      max={kibMax}
      allowDecimal={false}
      allowNegative={false}
      hideControls
      value={typed}
      onChange={setTyped}
      onBlur={end}
      onKeyDown={(event) => {
        if (event.key === 'Enter') end();
      }}
    />
  );
}
