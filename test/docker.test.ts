import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { requireBinary } from './support/binaries.ts';
import { pathWithNode, runIn } from './support/clean-shell.ts';
import { dockerfileProblems, environmentOf, execForm, imageProblems, lastOf } from './support/dockerfile.ts';
import { openEngine, type TestEngine } from './support/engines.ts';
import { type GateProcess, watch } from './support/gate-process.ts';
import { type ReplayedStage, replayDockerfile, userOf } from './support/replay-dockerfile.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dockerfile = readFileSync(join(root, 'docker/Dockerfile'), 'utf8');
const composeText = readFileSync(join(root, 'docker/compose.yaml'), 'utf8');

interface Service {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly read_only?: boolean;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}
const compose = parse(composeText, { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
};

describe('docker/Dockerfile', () => {
  it('keeps the rules for an image', () => {
    expect(dockerfileProblems(dockerfile, root)).toEqual([]);
  });

  it.each([
    ['node:24-bookworm-slim AS build', 'node AS build', 'node has no fixed tag'],
    ['node:24-bookworm-slim AS build', 'node:latest AS build', 'node:latest has no fixed tag'],
    ['node:24-bookworm-slim AS build', 'mirror.example/node:24 AS build', 'mirror.example/node:24 names a host'],
    ['npm ci --ignore-scripts', 'npm ci', 'RUN npm ci runs install scripts'],
    ['RUN mkdir data', 'RUN mkdir /data', 'RUN mkdir /data names an absolute path'],
    ['RUN mkdir data', 'RUN curl https://a.example', 'RUN curl https://a.example names an address'],
    ['COPY src/ src/', 'COPY sources/ src/', 'COPY sources/ is not in the build context'],
    ['COPY src/ src/', 'COPY docker/ src/', 'COPY docker/ is not in the build context'],
    ['COPY src/ src/', 'COPY src src/', 'COPY src is a folder and needs a slash'],
    ['COPY src/ src/', 'ADD src/ src/', 'ADD unpacks and downloads: use COPY'],
    ['--from=build /build/dist/', '--from=built /build/dist/', 'there is no stage built'],
    ['USER 1000:1000', 'USER root', 'USER is not a number other than 0'],
    ['USER 1000:1000', 'USER 0:0', 'USER is not a number other than 0'],
    ['CMD ["node", "-e"', 'CMD node "-e"', 'HEALTHCHECK is not in exec form'],
    ['ENTRYPOINT ["node", "dist/main.js"]', 'ENTRYPOINT node dist/main.js', 'ENTRYPOINT is not in exec form'],
    ['CMD ["serve"]', '', 'CMD is not in exec form'],
  ])('would be refused with "%s" turned into "%s"', (from, to, problem) => {
    expect(dockerfile).toContain(from);
    expect(dockerfileProblems(dockerfile.replace(from, to), root)).toContain(problem);
  });
});

describe('docker/compose.yaml', () => {
  const services = Object.entries(compose.services);

  it('names fixed images of the public registry', () => {
    expect(services.flatMap(([, { image }]) => imageProblems(image))).toEqual([]);
  });

  it('is reachable from this machine only', () => {
    for (const port of services.flatMap(([, { ports }]) => ports ?? [])) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('uses files, volumes and services that exist', () => {
    const volumes = services.flatMap(([, service]) => service.volumes ?? []).map((each) => each.split(':')[0] ?? '');
    const files = volumes.filter((name) => name.startsWith('.'));
    for (const file of files) expect(existsSync(join(root, 'docker', file))).toBe(true);
    const named = volumes.filter((name) => !name.startsWith('.'));
    expect(named.sort()).toEqual(Object.keys(compose.volumes).sort());
    for (const [name, { build, depends_on = {} }] of services) {
      if (build !== undefined) expect(existsSync(join(root, 'docker', build.context, build.dockerfile))).toBe(true);
      for (const [other, { condition }] of Object.entries(depends_on)) {
        const { healthcheck } = compose.services[other] ?? {};
        expect({ name, other, known: other in compose.services }).toEqual({ name, other, known: true });
        expect(condition === 'service_healthy' ? healthcheck : condition).toBeTruthy();
      }
    }
  });

  it('has no password in it and keeps the root file systems of all but the database read-only', () => {
    expect(compose.services.postgres?.environment?.POSTGRES_PASSWORD).toMatch(/^\$\{POSTGRES_PASSWORD:\?.+\}$/);
    const writable = services.filter(([, service]) => service.read_only !== true).map(([name]) => name);
    expect(writable).toEqual(['postgres']);
  });

  it('starts the gate only after there is a token', () => {
    expect(compose.services.ringgate?.depends_on?.['first-token']).toEqual({
      condition: 'service_completed_successfully',
    });
  });

  it('brings a configuration that Prometheus accepts', async () => {
    const checked = await runIn(root, [requireBinary('promtool'), 'check', 'config', 'docker/prometheus.yml']);
    expect(checked).toMatchObject({ code: 0 });
  });
});

describe('what the Dockerfile builds', { timeout: 120_000 }, () => {
  let folder: string;
  let final: ReplayedStage;
  let engine: TestEngine;
  const gates: GateProcess[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ringgate-image-'));
    chmodSync(folder, 0o755);
    const stages = await replayDockerfile(root, folder);
    final = stages.at(-1) as ReplayedStage;
    rmSync(stages[0]?.root ?? '', { recursive: true });
    engine = await openEngine('postgres');
  }, 180_000);
  afterAll(async () => {
    for (const gate of gates) gate.child.kill('SIGKILL');
    for (const gate of gates) await gate.ended;
    await engine?.destroy();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A folder that stands for a mounted volume. */
  function volume(name: string): string {
    const path = join(folder, name);
    mkdirSync(path);
    const { uid, gid } = userOf(final.stage);
    if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
    return path;
  }

  /** A container: the user, the variables and the folder of the image, and nothing of ours. There is no folder for temporary files. */
  function start(words: readonly string[], env: Readonly<Record<string, string>>): GateProcess {
    const [command = '', ...args] = words;
    const given = { ...environmentOf(final.stage), PATH: pathWithNode(), TMPDIR: '/nonexistent', PORT: '0', ...env };
    const gate = watch(spawn(command, args, { cwd: final.workdir, env: given, ...userOf(final.stage) }));
    gates.push(gate);
    return gate;
  }

  const command = () => [...words('ENTRYPOINT'), ...words('CMD')];
  const words = (name: string) => execForm(lastOf(final.stage, name)?.text.replace(/^CMD\s+/, '') ?? '') ?? [];

  it('has what it needs to run and nothing more', () => {
    expect(readdirSync(final.workdir).sort()).toEqual(
      ['LICENSE', 'dist', 'migrations', 'node_modules', 'openapi.yaml', 'package.json'].sort(),
    );
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const has = (name: string) => existsSync(join(final.workdir, 'node_modules', name));
    expect(Object.keys(dependencies).filter((name) => !has(name))).toEqual([]);
    expect(Object.keys(devDependencies).filter(has)).toEqual([]);
    expect(statSync(join(final.root, environmentOf(final.stage).DATA_DIR ?? '')).uid).toBe(
      userOf(final.stage).uid ?? process.getuid?.(),
    );
    expect(
      readdirSync(join(final.workdir, 'dist'), { recursive: true }).filter((name) => /\.ts$/.test(String(name))),
    ).toEqual([]);
  });

  it('serves as its unprivileged user, is healthy, and writes nothing but its data', async () => {
    const before = snapshot(final.root);
    const gate = start(command(), { HOST: '127.0.0.1', DATA_DIR: volume('data') });
    const url = String((await gate.logged('listening')).url);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const script = (await (await fetch(`${url}/docs`)).text()).match(/src="(docs\/swagger[^"]+)"/)?.[1];
    expect((await (await fetch(`${url}/${script}`)).text()).length).toBeGreaterThan(1_000_000);
    expect(await start(words('HEALTHCHECK'), { PORT: new URL(url).port }).ended).toBe(0);
    gate.child.kill('SIGTERM');
    expect(await gate.ended).toBe(0);
    expect(await start(words('HEALTHCHECK'), { PORT: new URL(url).port }).ended).toBe(1);
    expect(snapshot(final.root)).toEqual(before);
  });

  it('starts off loopback on PostgreSQL once compose has made the first token, which it makes only once', async () => {
    const { entrypoint = [], command: lines = [] } = compose.services['first-token'] ?? {};
    const env = { DATABASE_URL: engine.databaseUrl ?? '', DATA_DIR: volume('first-token') };
    // 127.1 is loopback to the system, but ringgate knows only addresses that are written in full.
    const refused = start(command(), { ...env, HOST: '127.1' });
    expect(await refused.ended).toBe(1);
    const script = lines.map((line) => line.replaceAll('$$', '$'));
    const file = join(env.DATA_DIR, 'first-admin-token');
    const make = async () => {
      const made = start([...entrypoint, ...script], env);
      expect({ code: await made.ended, stdout: made.stdout() }).toEqual({ code: 0, stdout: '' });
      return readFileSync(file, 'utf8');
    };
    const token = await make();
    expect(await make()).toBe(token);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const url = String((await start(command(), { ...env, HOST: '127.1' }).logged('listening')).url);
    const ask = (headers: Record<string, string>) => fetch(`${url}/tokens`, { headers });
    expect((await ask({})).status).toBe(401);
    const listed = await ask({ authorization: `Bearer ${token.trim()}` });
    expect(await listed.json()).toMatchObject({ items: [{ name: 'first-admin', role: 'admin' }] });
  });
});

/** Every file below the folder with what changes when somebody writes to it. */
function snapshot(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const state = (name: string) => statSync(join(folder, name), { throwIfNoEntry: false });
  return names.map((name) => `${name} ${state(name)?.size} ${state(name)?.mtimeMs}`);
}
