/** The window's words: both languages are in the bundle, and complete by their type. */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { en } from './en.ts';
import { zh } from './zh.ts';

export async function startText(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en: { translation: en }, zh: { translation: zh } },
    // React writes text as text; escaping it once more would show `&amp;`.
    interpolation: { escapeValue: false },
  });
}
