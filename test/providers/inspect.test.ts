import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createInspector } from '../../src/providers/inspect.ts';
import { type RunningPrometheus, startPrometheus } from '../support/prometheus.ts';

const SECRET = 'canary-secret';
const inspector = (nowMs = Date.now) => createInspector({ readSecret: async () => SECRET, nowMs });
const NOTHING = { version: null, clockOffsetSeconds: null };

describe('Inspecting a real Prometheus', () => {
  let prometheus: RunningPrometheus;
  beforeAll(async () => {
    prometheus = await startPrometheus();
  });
  afterAll(() => prometheus?.stop());

  it('tells its version, and how far its clock is from ours', async () => {
    const document = { kind: 'prometheus', url: prometheus.url } as const;
    const { version, clockOffsetSeconds } = await inspector().inspect(document, 5000);
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect(Math.abs(clockOffsetSeconds ?? 99)).toBeLessThanOrEqual(2);
    const behind = await inspector(() => Date.now() + 120_000).inspect(document, 5000);
    expect(Math.abs((behind.clockOffsetSeconds ?? 0) + 120)).toBeLessThanOrEqual(2);
  });
});

describe('Inspecting something else', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function served(handler: RequestListener): Promise<string> {
    server = createServer(handler).listen(0, '127.0.0.1');
    await new Promise<void>((resolve) => server?.once('listening', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const answered = (body: string, type = 'application/json') =>
    served((_, response) => response.writeHead(200, { 'content-type': type }).end(body));
  const inspect = (url: string) =>
    inspector().inspect(
      { kind: 'prometheus', url, auth: { kind: 'bearer', token: { env: 'GATE_SECRET_TEST' } } },
      1000,
    );

  it('passes on a version and nothing else of what was sent', async () => {
    const body = (version: unknown) => JSON.stringify({ status: 'success', data: { version, host: 'internal' } });
    expect((await inspect(await answered(body('v1.2.3-rc.1+x')))).version).toBe('v1.2.3-rc.1+x');
    for (const odd of ['<b>1</b>', 'two words', SECRET.repeat(9), 7, null, {}])
      expect((await inspect(await answered(body(odd)))).version).toBeNull();
  });

  it.each([
    ['not JSON', '{'],
    ['a page', '<html>'],
    ['no object', '[1]'],
    ['no data', '{}'],
  ])('finds no version in %s', async (_what, body) => {
    expect((await inspect(await answered(body))).version).toBeNull();
  });

  it('sends the credential, by GET and without a body', async () => {
    const seen: unknown[] = [];
    const url = await served((request, response) => {
      seen.push([request.method, request.url, request.headers.authorization, request.headers['content-length']]);
      response.writeHead(404).end();
    });
    await inspect(`${url}/prefix/`);
    expect(seen).toEqual([['GET', '/prefix/api/v1/status/buildinfo', `Bearer ${SECRET}`, undefined]]);
  });

  it('gives up in time, and finds nothing where there is nothing', async () => {
    expect(await inspector().inspect({ kind: 'prometheus', url: await served(() => undefined) }, 100)).toEqual(NOTHING);
    expect(await inspect('http://127.0.0.1:1')).toEqual(NOTHING);
    expect(await inspector().inspect({ kind: 'recorded' }, 100)).toEqual(NOTHING);
  });
});
