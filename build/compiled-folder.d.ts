/** The types of `compiled-folder.js`, for its test. */
export function compiledFolder(
  process?: { readonly env: NodeJS.ProcessEnv; readonly platform: NodeJS.Platform },
  home?: string,
): string | undefined;
