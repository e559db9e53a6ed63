/** A moment: how long ago or how far ahead, and exactly when on hover and for screen readers' details. */
import { useFormat } from './use-format.ts';
import { useNow } from './use-now.ts';

export function When({ ms }: { readonly ms: number }) {
  const format = useFormat();
  const now = useNow();
  return (
    <time dateTime={new Date(ms).toISOString()} title={format.dateTime(ms)}>
      {format.relative(ms, now)}
    </time>
  );
}
