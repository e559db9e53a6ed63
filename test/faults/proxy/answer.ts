/** Gives an answer back to the client of the fault proxy: as the store gave it, or as the fault wants it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Fault, loginPage, withOtherBit } from './fault.ts';
import { pause } from './pause.ts';

export interface Given {
  readonly status: number;
  readonly rawHeaders: string[];
  readonly body: Buffer;
}

/** `given` is undefined where the store was not asked. */
export async function giveBack(
  given: Given | undefined,
  fault: Fault | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (fault?.do === 'lose-answer') return void request.socket.resetAndDestroy();
  if (fault?.do === 'black-hole') return void request.socket.pause();
  const isHead = request.method === 'HEAD';
  const answer = given === undefined ? inPlaceOf(fault, request.url) : spoiled(given, fault, isHead);
  response.sendDate = false;
  response.writeHead(answer.status, answer.rawHeaders);
  if (isHead) return void response.end();
  if (fault?.do === 'cut-answer') return cut(answer.body, fault.bytes, response);
  if (fault?.do !== 'trickle' || fault.way !== 'down') return void response.end(answer.body);
  for (let at = 0; at < answer.body.length && !response.destroyed; at++) {
    response.write(answer.body.subarray(at, at + 1));
    await pause(1000 / fault.bytesPerSecond, request.socket);
  }
  response.end();
}

function inPlaceOf(fault: Fault | undefined, url: string | undefined): Given {
  if (fault?.do === 'answer') {
    const again = fault.retryAfter === undefined ? [] : ['Retry-After', fault.retryAfter];
    return { status: fault.status, rawHeaders: ['Content-Length', '0', ...again], body: Buffer.alloc(0) };
  }
  const page = Buffer.from(loginPage);
  const common = ['Content-Type', 'text/html', 'Content-Length', String(page.length)];
  return fault?.do === 'redirect' && url !== '/login'
    ? { status: 302, rawHeaders: [...common, 'Location', '/login'], body: page }
    : { status: 200, rawHeaders: common, body: page };
}

/** With a body as the fault makes it, and its true length. A HEAD has no body: its length is what is spoiled. */
function spoiled({ status, rawHeaders, body }: Given, fault: Fault | undefined, isHead: boolean): Given {
  const announced = Number(headerIn(rawHeaders, 'content-length') ?? body.length);
  const longer = fault?.do === 'lengthen-answer' ? fault.bytes : 0;
  const shorter = fault?.do === 'shorten-answer' ? fault.bytes : 0;
  const bytes = Math.max(0, (isHead ? announced : body.length) + longer - shorter);
  const headers = [
    ...without(rawHeaders, ['content-length', 'transfer-encoding']),
    'Content-Length',
    String(bytes),
  ];
  const isChanged = fault?.do === 'change-answer' && body.length > 0;
  const right = isChanged ? withOtherBit(body, fault.at) : body;
  const whole = Buffer.concat([right, Buffer.alloc(longer, 'x')]).subarray(0, bytes);
  return { status, rawHeaders: status === 204 || status === 304 ? rawHeaders : headers, body: whole };
}

function cut(body: Buffer, bytes: number, response: ServerResponse): void {
  // An empty body cannot be cut: then the head is all that comes, and the connection goes.
  response.write(body.subarray(0, bytes), () => response.socket?.destroySoon());
}

function headerIn(rawHeaders: readonly string[], name: string): string | undefined {
  const at = rawHeaders.findIndex((each, index) => index % 2 === 0 && each.toLowerCase() === name);
  return at < 0 ? undefined : rawHeaders[at + 1];
}

function without(rawHeaders: readonly string[], names: readonly string[]): string[] {
  return rawHeaders.filter((_, at) => !names.includes((rawHeaders[at - (at % 2)] ?? '').toLowerCase()));
}
