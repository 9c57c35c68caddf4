/** A scriptable Prometheus on loopback: the real HTTP surface with answers that a real one rarely gives. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { empty, type FakeAnswer } from './fake-answers.ts';

export * from './fake-answers.ts';

export type Answering = (form: URLSearchParams, request: IncomingMessage) => FakeAnswer | Promise<FakeAnswer>;

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly form: URLSearchParams;
}

export interface FakePrometheus {
  readonly url: string;
  readonly port: number;
  /** Everything that was asked, oldest first. */
  readonly requests: FakeRequest[];
  /** Says how to answer from now on; before the first call every answer is empty. */
  answer(answering: Answering): void;
  stop(): Promise<void>;
}

export async function startFakePrometheus(): Promise<FakePrometheus> {
  let answering: Answering = () => empty();
  const requests: FakeRequest[] = [];
  const server = createServer((request, response) => {
    const asked = async () => {
      const form = new URLSearchParams(await readText(request));
      requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, form });
      send(response, await answering(form, request));
    };
    asked().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    answer(next) {
      answering = next;
    },
    stop() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function send(response: ServerResponse, answer: FakeAnswer): void {
  if (typeof answer === 'function') answer(response);
  else response.writeHead(answer.status, answer.headers).end(answer.body);
}
