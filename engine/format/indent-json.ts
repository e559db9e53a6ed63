/**
 * Lays out JSON for people as Go's `json.Indent` does, two spaces a level. Only white space is added: numbers of any
 * size, unknown keys and escapes stay as they were stored.
 */

/** Nothing that restic stores is deeper; text from outside could be, and would grow without bounds. */
const depthMax = 64;

/** `json` is valid JSON. Throws a plain error where it is nested too deep. */
export function indentJson(json: string): string {
  let text = '';
  let depth = 0;
  const breakLine = (): string => `\n${'  '.repeat(depth)}`;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[{]\s*[\]}]|[^\s"[\]{},:]+|[[\]{},:]/gs)) {
    if (token === '{' || token === '[') {
      depth++;
      if (depth > depthMax) throw new Error('it is nested too deep');
      text += token + breakLine();
    } else if (token === '}' || token === ']') {
      depth--;
      text += breakLine() + token;
    } else if (token === ',') text += token + breakLine();
    else if (token === ':') text += ': ';
    else if (/^[[{]/.test(token)) text += token.charAt(0) + token.charAt(token.length - 1);
    else text += token;
  }
  return text;
}
