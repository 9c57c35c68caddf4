import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli.ts';
import { type EngineKind, openEngine, type TestEngine } from '../support/engines.ts';
import { deliver, startFakeGithub } from '../support/fake-github.ts';
import { type GateProcess, npmStart, runGate, startGate } from '../support/gate-process.ts';
import { until } from '../support/poll.ts';

/** Each test starts several processes, and other test files run beside. */
vi.setConfig({ testTimeout: 90_000 });

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function environment(kind: EngineKind, content?: 'nothing'): Promise<Record<string, string>> {
  const engine: TestEngine = await openEngine(kind, content);
  cleanups.push(() => engine.destroy());
  const url = engine.databaseUrl;
  return {
    DATA_DIR: join(engine.dataDir, kind === 'embedded' ? '' : 'unused'),
    ...(url === null ? {} : { DATABASE_URL: url }),
  };
}

async function started(gate: GateProcess): Promise<{ readonly gate: GateProcess; readonly url: string }> {
  cleanups.push(async () => {
    gate.child.kill('SIGKILL');
    await gate.ended;
  });
  return { gate, url: String((await gate.logged('listening')).url) };
}

const get = (url: string, token?: string) =>
  fetch(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });

describe.each(['embedded', 'postgres'] as const)('the process on %s', (kind) => {
  it('serves, puts its start on record without any secret, and ends with 0 at SIGTERM, also when it comes twice', async () => {
    const env = await environment(kind);
    const { gate, url } = await started(startGate([], { ...env, GATE_SECRET_CANARY: 'hunter2', DRAIN_SECONDS: '1' }));
    expect((await get(`${url}/livez`)).status).toBe(200);
    expect((await get(`${url}/readyz`)).status).toBe(200);
    const entries = await (await get(`${url}/audit/entries?kind=service-start`)).text();
    expect(JSON.parse(entries)).toMatchObject({
      items: [{ kind: 'service-start', body: { configHash: expect.stringMatching(/^[0-9a-f]{64}$/) } }],
    });
    gate.child.kill('SIGTERM');
    await gate.logged('stopping');
    gate.child.kill('SIGTERM');
    expect(await gate.ended).toBe(0);
    expect(entries + gate.stdout() + gate.stderr()).not.toContain('hunter2');
  });
});

describe('the process beside its requests', () => {
  it('answers what waits at GitHub by itself, and stops that with everything else', async () => {
    const github = await startFakeGithub();
    cleanups.push(() => github.stop());
    const secrets = { GATE_SECRET_KEY: github.privateKey, GATE_SECRET_HOOK: github.webhookSecret };
    const { gate, url } = await started(startGate([], { ...(await environment('postgres')), ...secrets }));
    const put = async (path: string, body: object) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(url + path, { method: 'PUT', headers, body: JSON.stringify(body) });
      expect(answer.status).toBe(201);
    };
    await put('/services/checkout', { rings: [{ name: 'canary', bake: '0s' }], allowUnmeasured: true });
    await put('/github/octo', {
      url: github.url,
      appId: github.appId,
      privateKey: { env: 'GATE_SECRET_KEY' },
      webhookSecret: { env: 'GATE_SECRET_HOOK' },
      environments: [
        { repository: 'octo/checkout', environment: 'canary', service: 'checkout', ring: 'canary', version: 'ref' },
      ],
    });
    expect((await deliver(`${url}/github/octo/webhook`, github.waits(), github.webhookSecret)).status).toBe(202);
    const review = await until('an answer', async () => github.reviews[0] ?? null);
    expect(review).toMatchObject({ state: 'approved' });
    gate.child.kill('SIGTERM');
    expect(await gate.ended).toBe(0);
    expect(gate.stdout() + gate.stderr()).not.toContain(github.webhookSecret);
    expect(gate.stdout() + gate.stderr()).not.toMatch(/PRIVATE KEY|ghs_|"level":"error"/);
  });
});

describe('the process at its end', () => {
  it('finishes a request that has begun, takes no new one, and closes the connection', async () => {
    const { gate, url } = await started(startGate([], await environment('postgres')));
    const body = '{"no": "service"}';
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (text) => {
      answer += text;
    });
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write(
      `PUT /services/a HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
    );
    await new Promise((resolve) => socket.once('data', resolve));
    gate.child.kill('SIGTERM');
    await gate.logged('stopping');
    socket.write(body);
    await closed;
    expect(answer).toMatch(/HTTP\/1\.1 400 [\s\S]+"invalid-request"[\s\S]*\}/);
    expect(await gate.ended).toBe(0);
  });

  it('is not ready at once, while it still answers for DRAIN_SECONDS', async () => {
    const { gate, url } = await started(startGate([], { ...(await environment('postgres')), DRAIN_SECONDS: '3' }));
    gate.child.kill('SIGTERM');
    await gate.logged('stopping');
    expect((await get(`${url}/readyz`)).status).toBe(503);
    expect((await get(`${url}/livez`)).status).toBe(200);
    expect(await gate.ended).toBe(0);
  });

  it('ends the service when npm is what gets the signal', async () => {
    const { gate, url } = await started(npmStart(await environment('postgres')));
    gate.child.kill('SIGTERM');
    await gate.ended;
    await expect(get(`${url}/livez`)).rejects.toThrow();
    expect(gate.stdout()).toContain('"msg":"stopping"');
  });
});

describe('the process that must not start', () => {
  it('says everything that is wrong with its environment at once', async () => {
    const { code, stderr } = await runGate([], {
      PORT: 'x',
      LOG_LEVEL: 'loud',
      DATABASE_URL: 'hunter2',
      GATE_TYPO: '1',
    });
    expect(code).toBe(2);
    for (const name of ['PORT', 'LOG_LEVEL', 'DATABASE_URL', 'GATE_TYPO']) expect(stderr).toContain(`- ${name} `);
    expect(stderr).not.toContain('hunter2');
    expect(stderr).not.toContain('    at ');
  });

  it('refuses an address that is not loopback until there is a token, which then is asked for', async () => {
    // 127.1 is loopback to the system, but ringgate knows only addresses that are written in full.
    const env = { ...(await environment('postgres')), HOST: '127.1' };
    const refused = await runGate([], env);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('ringgate token create') });
    const made = await runGate(['token', 'create', '--name', 'first', '--role', 'auditor', '--expires', '1h'], env);
    expect(made).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\S+\n$/),
      stderr: expect.stringMatching(/make others.*ringgate token create.*--role admin\n.*first \(auditor\)/),
    });
    const { url } = await started(startGate([], env));
    expect((await get(`${url}/audit/entries`)).status).toBe(401);
    const entries = await get(`${url}/audit/entries`, made.stdout.trim());
    expect(entries.status).toBe(200);
    expect(await entries.text()).not.toContain(made.stdout.trim());
  });

  it('leaves a data directory and a port to the process that has them, and says so', async () => {
    const env = await environment('embedded');
    const { url } = await started(startGate([], env));
    const second = await runGate([], env);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(env.DATA_DIR);
    expect(second.stderr).not.toContain('    at ');
    const third = await runGate([], { ...(await environment('postgres')), PORT: new URL(url).port });
    expect(third).toMatchObject({ code: 1, stderr: expect.stringMatching(/^ringgate: PORT is in use.+\n$/) });
    expect((await get(`${url}/readyz`)).status).toBe(200);
  });

  it('says that the database cannot be reached, without its password', async () => {
    const { code, stderr } = await runGate([], { DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:1/none' });
    expect(code).toBe(1);
    expect(stderr).not.toContain('hunter2');
    expect(stderr).not.toContain('    at ');
  });
});

describe('the command line', () => {
  it('has a version, which is the one of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(await runGate(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  it('refuses what it does not know with 2 and points to the help', async () => {
    expect(await runGate(['sreve'])).toMatchObject({ code: 2, stderr: expect.stringContaining('ringgate --help') });
  });

  it('explains itself', async () => {
    const { code, stdout } = await runGate(['serve', '--help']);
    expect(code).toBe(0);
    for (const command of ['serve', 'migrate', 'token create', 'replay']) expect(stdout).toContain(command);
  });

  it.each([
    ['serve now'],
    ['token'],
    ['token create --name a'],
    ['token create --name a --role king'],
    ['replay --all'],
  ])('refuses "ringgate %s" with 2 and points to the help', async (line) => {
    const written: string[] = [];
    const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    const code = await run(line.split(' '), async () => 0).finally(() => stderr.mockRestore());
    expect({ code, said: written.join('') }).toEqual({ code: 2, said: expect.stringContaining('ringgate --help') });
  });

  it('migrates once, and finds nothing to do the second time', async () => {
    const env = await environment('postgres', 'nothing');
    expect(await runGate(['migrate'], env)).toMatchObject({ code: 0, stdout: expect.stringContaining('Migrated: ') });
    expect(await runGate(['migrate'], env)).toMatchObject({ code: 0, stdout: 'Nothing to migrate.\n' });
  });
});
