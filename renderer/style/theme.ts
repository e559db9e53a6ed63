/**
 * Colours and sizes. The variables go to the page by an adopted style sheet instead of Mantine's `<style>` element, so
 * that the page's policy can refuse every inline style sheet.
 */
import {
  type CSSVariablesResolver,
  convertCssVariables,
  createTheme,
  defaultCssVariablesResolver,
  defaultVariantColorsResolver,
  DEFAULT_THEME as mantineTheme,
  mergeMantineTheme,
} from '@mantine/core';

const sans =
  "system-ui, -apple-system, 'Segoe UI', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif";

export const theme = createTheme({
  fontFamily: sans,
  fontFamilyMonospace: "ui-monospace, 'SF Mono', Consolas, 'DejaVu Sans Mono', monospace",
  primaryColor: 'tide',
  // The seventh and fourth shades are the accent in light and dark.
  primaryShade: { light: 7, dark: 4 },
  // The dark accent is bright: what stands on it is dark.
  variantColorResolver: (asked) => {
    const colors = defaultVariantColorsResolver(asked);
    return asked.variant === 'filled' ? { ...colors, color: 'var(--on-accent)' } : colors;
  },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  colors: {
    // Mantine's dark greys, with the sea in them.
    dark: [
      '#e3eaee',
      '#b9c5cd',
      '#a9b6bf',
      '#7b8a95',
      '#3a4952',
      '#2b3840',
      '#1f2c34',
      '#172229',
      '#10191f',
      '#0b1217',
    ],
    tide: [
      '#f0fdfa',
      '#ccfbf1',
      '#99f6e4',
      '#5eead4',
      '#2dd4bf',
      '#14b8a6',
      '#0d9488',
      '#0f766e',
      '#115e59',
      '#134e4a',
    ],
  },
});

/** Mantine's own greys and red are too faint for small text. */
const resolver: CSSVariablesResolver = (merged) => {
  const { variables, light, dark } = defaultCssVariablesResolver(merged);
  return {
    variables,
    light: {
      ...light,
      '--mantine-color-dimmed': '#52606b',
      '--mantine-color-placeholder': '#66737d',
      '--mantine-color-error': '#b91c1c',
      '--mantine-color-anchor': '#0f766e',
      '--mantine-color-text': '#14202a',
      '--mantine-color-body': '#ffffff',
    },
    dark: {
      ...dark,
      '--mantine-color-dimmed': '#a9b6bf',
      '--mantine-color-placeholder': '#93a1ab',
      '--mantine-color-error': '#fca5a5',
      '--mantine-color-anchor': '#2dd4bf',
      '--mantine-color-text': '#e3eaee',
      '--mantine-color-body': '#10191f',
    },
  };
};

export function adoptThemeVariables(page: Document): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(convertCssVariables(resolver(mergeMantineTheme(mantineTheme, theme))));
  page.adoptedStyleSheets.push(sheet);
}
