/** Which of our languages a person reads. */
export type Language = 'en' | 'zh';

/** What was set, or the first of the system's languages that we have; English where we have none of them. */
export function pickLanguage(wanted: 'system' | Language, languages: readonly string[]): Language {
  if (wanted !== 'system') return wanted;
  for (const tag of languages) {
    const primary = tag.toLowerCase().split(/[-_]/)[0];
    if (primary === 'zh' || primary === 'en') return primary;
  }
  return 'en';
}
