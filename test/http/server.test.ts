import { once } from 'node:events';
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Express } from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { createGateServer } from '../../src/http/server.ts';
import { contract } from '../support/contract.ts';
import { brokenByHead } from '../support/hostile-laws.ts';
import { brokenRefusal, problemIn } from '../support/hostile-refusals.ts';
import { exchange } from '../support/hostile-wire.ts';
import { type TestApp, testApp, withCheckout } from './http-context.ts';

/** All that hostile callers send is tried in acceptance/hostile-input.test.ts; here is what needs a server of its own. */
const HOST = 'Host: localhost\r\n';
const NOISE = 'noise\r\n\r\n';
const GATE = `GET /gates/checkout@1/canary HTTP/1.1\r\n${HOST}\r\n`;
const HALF_A_BODY = `POST /gates/checkout@1/canary HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{`;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(test: TestApp, timeouts?: ServerOptions): Promise<number> {
  const server = createGateServer(test, timeouts).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Sends it, and gives all answers with what is wrong with them. */
async function send(port: number, request: string, expected = 1) {
  const { responses, rest, hung } = await exchange(port, {
    bytes: Buffer.from(request),
    expected,
    ends: false,
    isHead: false,
  });
  const broken = responses.flatMap((each) => [
    ...brokenByHead(each),
    ...(each.status < 400 ? [] : brokenRefusal(contract, each)),
  ]);
  expect({ rest, hung, broken }).toEqual({ rest: '', hung: false, broken: [] });
  return responses;
}

describe('a request that cannot be read', () => {
  it('is refused with a problem whose id is in the log, and counted', async () => {
    const test = testApp();
    const [refused] = await send(await serve(test), NOISE);
    expect(refused).toMatchObject({ status: 400, headers: { connection: 'close', 'cache-control': 'no-store' } });
    const { detail, instance, errors } = problemIn(refused as NonNullable<typeof refused>) ?? {};
    expect({ detail, errors }).toEqual({
      detail:
        'This is not HTTP/1.1 (Invalid method encountered). Let an HTTP client write the request, over plain HTTP.',
      errors: [{ pointer: '', message: 'Invalid method encountered' }],
    });
    expect(test.lines).toMatchObject([{ level: 'info', obj: { requestId: instance, status: 400, ip: '127.0.0.1' } }]);
    expect(test.samples).toEqual([{ operationId: 'unreadable', status: 400 }]);
  });

  it('is answered after the requests before it, which keep their answers', async () => {
    const test = await withCheckout(testApp());
    const answers = await send(await serve(test), `${GATE}${GATE}${NOISE}`, 3);
    expect(answers.map(({ status, headers }) => [status, headers['gate-verdict']])).toEqual([
      [200, 'promote'],
      [200, 'promote'],
      [400, undefined],
    ]);
  });

  it('is refused once, however much noise follows', async () => {
    const test = testApp();
    const port = await serve(test);
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    const closed = once(socket, 'close');
    for (let i = 0; i < 20; i++) socket.write(NOISE);
    socket.resume();
    await closed;
    expect(test.lines).toHaveLength(1);
  });

  it('is refused after the answer that it was given before its body came', async () => {
    const first = Promise.withResolvers<void>();
    const app = async ({ url }: IncomingMessage, res: ServerResponse) => {
      if (url === '/first') await first.promise;
      res.end();
    };
    const server = createGateServer({ ...testApp(), app: app as unknown as Express }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const answers = text(socket);
    socket.write(`GET /first HTTP/1.1\r\n${HOST}\r\nPOST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`);
    await once(server, 'request');
    socket.write('no chunk\r\n');
    await once(server, 'clientError');
    first.resolve();
    expect((await answers).match(/^HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 400']);
  });

  it.each([
    ['a head', `GET /livez HTTP/1.1\r\n${HOST}`],
    ['a body', HALF_A_BODY],
    ['a request', ''],
  ])('is a 408 when %s does not come in time', async (_what, begun) => {
    const test = testApp();
    const port = await serve(test, { headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 20 });
    expect(await send(port, begun)).toMatchObject([{ status: 408 }]);
  });

  it('is nobody’s when its connection was reset before it was all there', async () => {
    const test = testApp();
    const socket = connect(await serve(test), '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET /livez HT');
    socket.resetAndDestroy();
    await once(servers.at(-1) as Server, 'clientError');
    expect(test.lines).toEqual([]);
  });

  it('harms nobody when its sender is gone before the answer', async () => {
    const test = testApp();
    const port = await serve(test);
    for (const text of [
      '',
      'GET /livez HT',
      NOISE,
      HALF_A_BODY,
      `${GATE}${NOISE}`,
      `CONNECT a:1 HTTP/1.1\r\n${HOST}\r\n`,
    ]) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(text);
      socket.resetAndDestroy();
    }
    expect(await send(port, `GET /livez HTTP/1.1\r\n${HOST}\r\n`)).toMatchObject([{ status: 200 }]);
    expect(test.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('a request that Node would refuse by itself', () => {
  it.each([
    ['without a host', 'GET /livez HTTP/1.1\r\n\r\n', 400, 'invalid-request'],
    [
      'with an expectation nobody can meet',
      `GET /livez HTTP/1.1\r\n${HOST}Expect: miracles\r\n\r\n`,
      417,
      'expectation-failed',
    ],
    ['for a tunnel', `CONNECT a.example:443 HTTP/1.1\r\n${HOST}\r\n`, 405, 'method-not-allowed'],
    [
      'with a head beyond 16 KiB',
      `GET /livez HTTP/1.1\r\n${HOST}X-A: ${'a'.repeat(17_000)}\r\n\r\n`,
      431,
      'headers-too-large',
    ],
    ['whose address cannot be read', `GET http://[/livez HTTP/1.1\r\n${HOST}\r\n`, 400, 'invalid-request'],
  ])('%s is refused with a problem', async (_what, text, status, code) => {
    const test = testApp();
    const [refused] = await send(await serve(test), text);
    expect(refused).toMatchObject({ status, headers: { connection: 'close' } });
    expect(problemIn(refused as NonNullable<typeof refused>)).toMatchObject({ code });
    expect(test.samples).toEqual([{ operationId: 'unreadable', status }]);
  });
});
