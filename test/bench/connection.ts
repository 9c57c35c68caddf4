import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** The value of `Gate-Verdict`; null without one. */
  readonly verdict: string | null;
  readonly body: Buffer;
}

/**
 * One keep-alive connection that does as little as an HTTP/1.1 client can: Node's own costs about as
 * much as the servers that are measured, and all share the processors.
 */
export class Connection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #waiting: PromiseWithResolvers<RawAnswer> | null = null;

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (bytes) => this.#take(bytes));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the connection was closed')));
  }

  /** Sends the text of one request and resolves with its whole answer. */
  ask(request: string): Promise<RawAnswer> {
    this.#waiting = Promise.withResolvers<RawAnswer>();
    this.#socket.write(request);
    return this.#waiting.promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const head = this.#received.toString('latin1', 0, headEnd);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
    if (Number.isNaN(length)) {
      this.#fail(new Error(`no Content-Length in:\n${head}`));
      return;
    }
    if (this.#received.length < headEnd + 4 + length) return;
    const body = this.#received.subarray(headEnd + 4, headEnd + 4 + length);
    const answer = {
      status: Number(head.slice(9, 12)),
      verdict: /\r\ngate-verdict: (\w+)/i.exec(head)?.[1] ?? null,
      body,
    };
    this.#received = this.#received.subarray(headEnd + 4 + length);
    this.#waiting?.resolve(answer);
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
  }
}

export interface Target {
  readonly port: number;
  readonly path: string;
  readonly token?: string | null;
  readonly form?: URLSearchParams;
}

/** The text of a request: a GET, or the POST of a form. */
export function requestText({ port, path, token = null, form }: Target): string {
  const lines = [
    `${form === undefined ? 'GET' : 'POST'} ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Accept: application/json',
  ];
  if (token !== null) lines.push(`Authorization: Bearer ${token}`);
  const body = form?.toString() ?? '';
  if (form !== undefined)
    lines.push('Content-Type: application/x-www-form-urlencoded', `Content-Length: ${body.length}`);
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
