/**
 * How the app is packed for Windows, macOS and Linux. The fuses close what an installed app does not need: running as
 * plain Node, being steered by variables and debuggers, code outside the checked archive. Read by `package-app.ts`.
 */
import type { Configuration } from 'electron-builder';

const config: Configuration = {
  appId: 'io.github.slackwater',
  productName: 'Slackwater',
  copyright: 'MIT License',
  directories: { buildResources: 'build/icons', output: 'build/out/packages' },
  // What npm installs for production comes by itself: of it neither the pinned Node, which Electron replaces, nor texts.
  files: [
    'build/out/{engine,electron,renderer}/**',
    'build/icons/*.png',
    'package.json',
    '!**/*.{d.ts,map,tsbuildinfo}',
    '!node_modules/{node,node-bin-*,node-linux-*,node-darwin-*,node-win-*}/**',
  ],
  asar: true,
  asarUnpack: ['**/*.node'],
  // Both native packages bring what they need ready made.
  npmRebuild: false,
  nodeGypRebuild: false,
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
  },
  icon: 'build/icons/app.png',
  win: { target: 'nsis' },
  nsis: { oneClick: true, perMachine: false },
  mac: { target: 'dmg', category: 'public.app-category.utilities', hardenedRuntime: true },
  linux: {
    target: ['AppImage', 'deb'],
    category: 'Utility',
    maintainer: 'Slackwater',
    synopsis: 'Backups that survive bad networks',
  },
};

export default config;
