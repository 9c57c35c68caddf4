import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as fake from '../support/fake-prometheus.ts';
import { askAlone, providersForTest } from './asking.ts';

const connection = { kind: 'unavailable', reason: 'connection' };
const late = { kind: 'deadline-exceeded' };

describe('a provider that cannot be reached or does not finish', () => {
  const ask = askAlone;
  let server: fake.FakePrometheus;

  beforeAll(async () => {
    server = await fake.startFakePrometheus();
  });
  afterAll(() => server.stop());

  it.each<[string, fake.FakeAnswer, object]>([
    ['cuts the answer off', fake.cutOff, connection],
    ['resets the connection in the middle', fake.resetMidBody, connection],
    ['hangs up without an answer', fake.hangUp, connection],
    ['sends more than it may', fake.flood(3_000_000), { kind: 'unavailable', reason: 'too-large' }],
    ['sends a gzip bomb', fake.gzipBomb(200_000_000), { kind: 'unavailable', reason: 'too-large' }],
    ['says nothing', fake.silent, late],
    ['sends one byte per second', fake.drip(), late],
    ['never falls silent and never ends', fake.drip(20), late],
  ])('%s', async (_title, answer, expected) => {
    server.answer(() => answer);
    const deadline = expected === late ? 400 : 20_000;
    expect((await ask({ url: server.url }, deadline)).measurement).toMatchObject(expected);
  });

  it('is given up at its own timeout when that is shorter than the decision’s', async () => {
    server.answer(() => fake.drip(20));
    expect((await ask({ url: server.url, timeout: '200ms' }, 25_000)).measurement).toEqual(late);
  });

  it('does not fill our memory with a gigabyte', async () => {
    server.answer(() => fake.flood(1_000_000_000));
    let most = 0;
    const before = process.memoryUsage().rss;
    const timer = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss - before);
    }, 5);
    const { measurement } = await ask({ url: server.url }, 10_000);
    clearInterval(timer);
    expect(measurement).toMatchObject({ kind: 'unavailable', reason: 'too-large' });
    expect(Math.max(most, process.memoryUsage().rss - before)).toBeLessThan(50 * 1024 * 1024);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['before it answers', () => undefined],
    ['while it answers', fake.drip(20) as (response: ServerResponse) => void],
  ])('has its connection closed when we give up %s, so that it can stop working', async (_when, misbehave) => {
    const closed = new Promise<void>((resolve) => {
      server.answer(() => (response) => misbehave(response.on('close', resolve)));
    });
    await ask({ url: server.url, timeout: '200ms' });
    await closed;
  });

  it('refuses the connection', async () => {
    const gone = await fake.startFakePrometheus();
    await gone.stop();
    const { measurement } = await ask({ url: gone.url });
    expect(measurement).toEqual({ ...connection, detail: 'the connection was refused' });
  });

  it('has a name nobody knows', async () => {
    const { measurement } = await ask({ url: 'http://nobody.invalid:9090' });
    expect(measurement).toMatchObject(connection);
  });

  it('speaks TLS that we cannot trust, or none at all', async () => {
    const { measurement } = await ask({ url: server.url.replace('http:', 'https:') });
    expect(measurement).toMatchObject(connection);
  });

  it.each([
    'data:application/json,{"status":"success","data":{"resultType":"scalar","result":[0,"0"]}}',
    'file:///etc/passwd',
    'ftp://127.0.0.1/',
    'unix:/var/run/docker.sock',
    'http://user:secret-pass@127.0.0.1:1/',
    'http://127.0.0.1:1/?x=secret-pass',
    'not a url',
    '',
  ])('has the URL %j, which is never used', async (url) => {
    const measured = await ask({ url });
    expect(measured.measurement).toMatchObject({ kind: 'unavailable', reason: 'misconfigured' });
    expect(JSON.stringify(measured)).not.toContain('secret-pass');
  });
});

describe('a redirect', () => {
  let target: Server;
  let asked = 0;
  const proxy = { ...process.env };

  afterEach(() => {
    process.env = proxy;
    target?.close();
  });

  it('is not followed, not even to ourselves', async () => {
    target = createServer((_request, response) => {
      asked += 1;
      response.end('{}');
    });
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    const port = (target.address() as { port: number }).port;
    const server = await fake.startFakePrometheus();
    for (const status of [301, 302, 303, 307, 308]) {
      server.answer(() => fake.redirect(`http://127.0.0.1:${port}/`, status));
      const { measurement } = await providersForTest().ask({ url: server.url });
      expect(measurement).toMatchObject({ kind: 'unavailable', reason: 'redirect' });
    }
    expect(asked).toBe(0);
    await server.stop();
  });

  it('by a proxy in the environment is not made either', async () => {
    const server = await fake.startFakePrometheus();
    server.answer(() => fake.vector('1'));
    process.env = { ...proxy, http_proxy: 'http://127.0.0.1:1', HTTP_PROXY: 'http://127.0.0.1:1', no_proxy: '' };
    const { measurement } = await providersForTest().ask({ url: server.url });
    expect(measurement).toEqual({ kind: 'value', value: '1' });
    await server.stop();
  });
});

describe('a connection', () => {
  it('is used again for the next question, and its end while idle harms nobody', async () => {
    const { ask } = providersForTest();
    const server = await fake.startFakePrometheus();
    const ports = new Set<number | undefined>();
    server.answer((_form, request) => {
      ports.add(request.socket.remotePort);
      return fake.vector('1');
    });
    const again = (query: string) => ask({ url: server.url }, 5000, { query });
    for (const query of ['a', 'b', 'c']) expect((await again(query)).measurement.kind).toBe('value');
    expect(ports.size).toBe(1);
    await server.stop();
    const reachable = await new Promise((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.unref();
    });
    expect(reachable).toBe(false);
    expect((await again('d')).measurement).toMatchObject(connection);
  });
});
