/** What `npm run kill` says at its end. */
import type { Outcome } from './scenario.ts';

export function summary(outcomes: readonly Outcome[], failed: readonly string[]): string {
  // The first was to show how long a run is.
  const [, ...kills] = outcomes;
  const met = kills.filter(({ wasKilled }) => wasKilled);
  const left = (what: Outcome['left']): Outcome[] => met.filter((each) => each.left === what);
  const [sealed, notBegun, saved] = [left('sealed'), left('not begun').length, left('saved').length];
  // Their sources are away while they are finished: one that ends well has read nothing of them.
  const finished = sealed.filter(({ wrong }) => wrong.length === 0).length;
  const readAgain = finished === sealed.length ? '0' : 'NOT KNOWN';
  const bytesAgain = outcomes.reduce((sum, each) => sum + each.bytesAgain, 0);
  return `
${met.length} of ${kills.length} kills met a run: ${left('open').length} left it open, ${sealed.length} sealed, ${notBegun + saved} neither (${notBegun} before it began, ${saved} when its snapshot was saved)
acknowledged bytes sent again: ${bytesAgain}
source bytes read again where cut at the commit: ${readAgain} (${finished} of ${sealed.length} were finished with their sources away)
${failed.length === 0 ? 'All was finished, 0 were bad.' : `${failed.length} BAD: ${failed.join(' ')}`}
`;
}
