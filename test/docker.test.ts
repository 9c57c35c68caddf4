import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { requireBinary } from './support/binaries.ts';
import { runIn } from './support/clean-shell.ts';
import { dockerfileProblems, imageProblems } from './support/dockerfile.ts';

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
