/** Where the window begins: its colours, its bridge to the app, its words, then the views. */
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { adoptThemeVariables } from './style/theme.ts';
import { startText } from './text/start-text.ts';
import { connectWebBridge } from './web-bridge.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root');

adoptThemeVariables(document);
await startText();
const bridge = window.slackwater ?? (await connectWebBridge());
createRoot(root).render(<App bridge={bridge} />);
