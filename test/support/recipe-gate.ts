import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyTemplate } from './embedded-template.ts';
import { type GateProcess, startGate } from './gate-process.ts';
import { RECIPE_PROVIDER } from './recipes.ts';

export const RINGS = ['canary', 'early', 'global'];

const RULE = {
  indicator: {
    kind: 'ratio',
    provider: 'main',
    bad: 'sum(increase(http_requests_total{version="${version}",ring="${ring}",code=~"5.."}[${window}]))',
    total: 'sum(increase(http_requests_total{version="${version}",ring="${ring}"}[${window}]))',
  },
  limits: { window: '10m', hold: { above: 0.01 }, rollback: { above: 0.05 } },
};

/** A gate as its users start it, with services whose releases are judged by their names: see `RECIPE_PROVIDER`. */
export interface RecipeGate {
  readonly url: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely
  call(method: string, path: string, body?: unknown, token?: string): Promise<any>;
  /** The same plan with another name; by default three rings, one after the other. */
  service(name: string, rings?: readonly Readonly<Record<string, unknown>>[]): Promise<void>;
  /** `RELEASE phase` for each ring. */
  occupants(service: string): Promise<readonly string[]>;
  /** As by SIGKILL: nothing is said, nothing is finished. */
  kill(): Promise<void>;
  /** The same data at the same address. */
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRecipeGate(): Promise<RecipeGate> {
  const data = mkdtempSync(join(tmpdir(), 'ringgate-recipes-data-'));
  await copyTemplate(data);
  let gate: GateProcess;
  const start = async (port: string) => {
    gate = startGate([], { DATA_DIR: data, PORT: port });
    return String((await gate.logged('listening')).url);
  };
  const url = await start('0');
  const call: RecipeGate['call'] = async (method, path, body, token) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(url + path, { method, headers, ...sent });
    const told = answer.status === 204 ? null : await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(told)}`);
    return told;
  };
  const ended = async (signal: NodeJS.Signals) => {
    gate.child.kill(signal);
    await gate.ended;
  };
  await call('PUT', '/providers/main', RECIPE_PROVIDER);
  return {
    url,
    call,
    async service(name, rings = RINGS.map((ring) => ({ name: ring }))) {
      await call('PUT', `/services/${name}`, { rings: rings.map((ring) => ({ bake: '0s', ...ring })) });
      await call('PUT', `/services/${name}/rules/errors`, RULE);
    },
    async occupants(service) {
      const { rings } = await call('GET', `/services/${service}/rollout`);
      return rings.map(({ occupant, phase }: Record<string, string>) => `${occupant} ${phase}`);
    },
    kill: () => ended('SIGKILL'),
    async startAgain() {
      await start(new URL(url).port);
    },
    async stop() {
      await ended('SIGTERM');
      rmSync(data, { recursive: true, force: true });
    },
  };
}
