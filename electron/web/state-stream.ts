/** The app's state as server-sent events: at once, and whenever it changes. A slow reader gets the latest, not all. */
import type { ServerResponse } from 'node:http';
import type { AppState } from '../../engine/protocol/app-state.ts';

interface States {
  state(): AppState;
  onState(listener: (state: AppState) => void): () => void;
}

export function sendStates(app: States, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  let isFull = false;
  let isBehind = false;
  const send = (state: AppState): void => {
    isBehind = isFull;
    if (!isFull) isFull = !response.write(`data: ${JSON.stringify(state)}\n\n`);
  };
  response.on('drain', () => {
    isFull = false;
    if (isBehind) send(app.state());
  });
  const stop = app.onState(send);
  response.on('close', stop);
  send(app.state());
}
