/** Text that others wrote, as text: its direction and its control characters reach nothing around it. */
import { plainText } from '../text/plain-text.ts';

export function Plain({ text }: { readonly text: string }) {
  return <bdi className="plain">{plainText(text)}</bdi>;
}
